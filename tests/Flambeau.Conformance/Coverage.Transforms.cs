using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Flambeau.Ops;

namespace Flambeau.Conformance;

public static partial class Coverage
{
    const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>An operation of the core, and which rules it states itself.</summary>
    /// <param name="Name">The record's or struct's name.</param>
    /// <param name="Differentiable">Whether there is a derivative.</param>
    /// <param name="Forward">Whether it states a forward rule; else that follows from its derivative.</param>
    /// <param name="Batch">Whether it states a batching rule; else it runs example by example.</param>
    public sealed record Rules(string Name, bool Differentiable, bool Forward, bool Batch);

    /// <summary>All operations of the core.</summary>
    public static IReadOnlyList<Rules> Operations()
    {
        Assembly core = typeof(Op).Assembly;
        List<Rules> all = [];
        foreach (Type t in core.GetTypes().Where(t => t.Namespace == "Flambeau.Ops").OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            if (t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && !t.IsGenericType) all.Add(Of(t.Name, t));
            else if (t.IsValueType)
                foreach ((Type body, string op) in (IEnumerable<(Type, string)>)[(typeof(IUnaryOp), "Unary`1"), (typeof(IBinaryOp), "Binary`1"), (typeof(ITernaryOp), "Ternary`1")])
                    if (body.IsAssignableFrom(t)) all.Add(Of(t.Name, core.GetType($"Flambeau.Ops.{op}", true)!.MakeGenericType(t)));
        }
        return all;

        static Rules Of(string name, Type t) => new(name, (bool)t.GetProperty("IsDifferentiable", Members)!.GetValue(RuntimeHelpers.GetUninitializedObject(t))!,
            States(t, "Jvp") || States(t, "JvpAll"), States(t, "Batch") && (!t.IsSubclassOf(typeof(ViewOp)) || t.GetMethod("Batch", Members)!.DeclaringType != typeof(ViewOp) || States(t, "Shifted")) || States(t, "BatchAll"));

        static bool States(Type t, string member) =>
            t.GetMember(member, Members).Select(m => m.DeclaringType).Any(d => d is not null && d != typeof(Op) && d != typeof(MultiOp) && (d != typeof(ViewOp) || member != "Shifted"));
    }

    static void Transforms(StringBuilder page)
    {
        IReadOnlyList<Rules> all = Operations();
        Rules[] differentiable = [.. all.Where(r => r.Differentiable)];
        page.Append("## Transforms\n\nOperations of the core, and how many state a rule of their own for forward mode and for Vmap.\n");
        page.Append("Where one states none, forward mode differentiates its derivative, and Vmap runs it example by example.\n\n");
        page.Append("| operations | number | forward rule | batching rule |\n|---|---|---|---|\n");
        page.Append($"| differentiable | {differentiable.Length} | {Share(differentiable, r => r.Forward)} | {Share(differentiable, r => r.Batch)} |\n");
        page.Append($"| all | {all.Count} | | {Share(all, r => r.Batch)} |\n\n");
        page.Append($"Without a forward rule: {Names(differentiable.Where(r => !r.Forward))}.\n\n");
        page.Append($"Without a batching rule: {Names(all.Where(r => !r.Batch))}. (Those named Backward are fused kernels, which serve only where no transform runs.)\n");

        static string Share(IReadOnlyList<Rules> rules, Func<Rules, bool> has) => FormattableString.Invariant($"{rules.Count(has)} ({100.0 * rules.Count(has) / rules.Count:F1} %)");
        static string Names(IEnumerable<Rules> rules) => rules.Any() ? string.Join(", ", rules.Select(r => $"`{r.Name}`")) : "none";
    }
}
