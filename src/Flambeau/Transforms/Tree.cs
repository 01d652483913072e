using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Flambeau.Transforms;

/// <summary>
/// What the functions that are transformed take and give: a tensor, an array or a dictionary of tensors, or a tuple of such. Its tensors as a list,
/// and a list of tensors in the same form: JAX's pytrees, as far as C# writes them without effort.
/// </summary>
internal static class Tree
{
    /// <summary>The tensors, in order; of a dictionary, in its order.</summary>
    public static Tensor[] Leaves(object? tree, string op)
    {
        List<Tensor> leaves = [];
        Collect(tree, leaves, op);
        return [.. leaves];
    }

    static void Collect(object? tree, List<Tensor> leaves, string op)
    {
        switch (tree)
        {
            case Tensor t: leaves.Add(t); break;
            case IEnumerable<Tensor> list: leaves.AddRange(list); break;
            case IReadOnlyDictionary<string, Tensor> d: foreach (var (_, t) in d) leaves.Add(t); break;
            case ITuple tuple: for (int i = 0; i < tuple.Length; i++) Collect(tuple[i], leaves, op); break;
            default:
                throw new ArgumentException($"{op}: a function takes and gives tensors, arrays or dictionaries of tensors, and tuples of these, not {(tree is null ? "null" : tree.GetType().Name)}. Capture anything else in the lambda.");
        }
    }

    /// <summary>The same form with other tensors.</summary>
    public static T With<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(T form, Tensor[] leaves)
    {
        int next = 0;
        return (T)Build(form!, leaves, ref next);
    }

    static object Build(object form, Tensor[] leaves, ref int next)
    {
        switch (form)
        {
            case Tensor: return leaves[next++];
            case Tensor[] a:
                next += a.Length;
                return leaves[(next - a.Length)..next];
            case IEnumerable<Tensor> list:
                int n = list.Count();
                next += n;
                return new List<Tensor>(leaves[(next - n)..next]);
            case IReadOnlyDictionary<string, Tensor> d:
                OrderedDictionary<string, Tensor> y = [];
                foreach (var (k, _) in d) y.Add(k, leaves[next++]);
                return form is Dictionary<string, Tensor> ? new Dictionary<string, Tensor>(y) : y;
            case ITuple tuple:
                var items = new object[tuple.Length];
                for (int i = 0; i < items.Length; i++) items[i] = Build(tuple[i]!, leaves, ref next);
                return Tuple(form.GetType(), items);
            default: throw new UnreachableException();
        }
    }

    // The constructors of a nested tuple's type are those that the program itself calls to make one.
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The form is an instance of the type: its constructor has run.")]
    static object Tuple(Type type, object[] items) => Activator.CreateInstance(type, items)!;
}
