using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;
using Flambeau.Transforms;
using static System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes;

namespace Flambeau;

public static partial class Func
{
    /// <summary>A function of one example, made one of many: its tensors get an axis of examples. PyTorch's <c>torch.vmap</c>.</summary>
    /// <param name="func">The function of one example.</param>
    /// <param name="inDim">Which axis of the argument are the examples.</param>
    /// <param name="outDim">Which axis of the result.</param>
    /// <param name="randomness">What random operations do.</param>
    /// <param name="chunkSize">How many examples at once, to save memory; null for all.</param>
    /// <exception cref="ArgumentException">When called: there is no such axis.</exception>
    /// <exception cref="InvalidOperationException">When called: the function asks for the values of one example, or draws random numbers without leave.</exception>
    public static Func<Tensor, Tensor> Vmap(Func<Tensor, Tensor> func, int inDim = 0, int outDim = 0, Randomness randomness = Randomness.Error, long? chunkSize = null) =>
        Vmap<Tensor, Tensor>(func, [inDim], outDim, randomness, chunkSize);

    /// <summary>As <see cref="Vmap(Func{Tensor, Tensor}, int, int, Randomness, long?)"/>, of any form of argument and result.</summary>
    /// <param name="func">The function of one example.</param>
    /// <param name="inDims">Which axis are the examples: one entry for all tensors, or one for each item of the tuple; null for what all examples share. Left out: 0.</param>
    /// <param name="outDim">Which axis of the results.</param>
    /// <param name="randomness">What random operations do.</param>
    /// <param name="chunkSize">How many examples at once, to save memory; null for all.</param>
    /// <exception cref="ArgumentException">When called: there is no such axis, or numbers of examples differ.</exception>
    /// <exception cref="InvalidOperationException">When called: the function asks for the values of one example, or draws random numbers without leave.</exception>
    public static Func<TIn, TOut> Vmap<[DynamicallyAccessedMembers(PublicConstructors)] TIn, [DynamicallyAccessedMembers(PublicConstructors)] TOut>(
        Func<TIn, TOut> func, int?[]? inDims = null, int outDim = 0, Randomness randomness = Randomness.Error, long? chunkSize = null)
    {
        ArgumentNullException.ThrowIfNull(func);
        return x =>
        {
            TOut form = default!;
            Tensor[] y = Map(leaves => Tree.Leaves(form = func(Tree.With(x, leaves)), "Vmap"), Tree.Leaves(x, "Vmap"), Axes(x, inDims), outDim, randomness, chunkSize);
            return Tree.With(form, y);
        };
    }

    /// <summary>As <see cref="Vmap(Func{Tensor, Tensor}, int, int, Randomness, long?)"/>, of two arguments.</summary>
    /// <inheritdoc cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int?[], int, Randomness, long?)"/>
    public static Func<T1, T2, TOut> Vmap<T1, T2, [DynamicallyAccessedMembers(PublicConstructors)] TOut>(
        Func<T1, T2, TOut> func, int?[]? inDims = null, int outDim = 0, Randomness randomness = Randomness.Error, long? chunkSize = null)
    {
        var f = Vmap<(T1, T2), TOut>(a => func(a.Item1, a.Item2), inDims, outDim, randomness, chunkSize);
        return (a, b) => f((a, b));
    }

    /// <summary>As <see cref="Vmap(Func{Tensor, Tensor}, int, int, Randomness, long?)"/>, of three arguments.</summary>
    /// <inheritdoc cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int?[], int, Randomness, long?)"/>
    public static Func<T1, T2, T3, TOut> Vmap<T1, T2, T3, [DynamicallyAccessedMembers(PublicConstructors)] TOut>(
        Func<T1, T2, T3, TOut> func, int?[]? inDims = null, int outDim = 0, Randomness randomness = Randomness.Error, long? chunkSize = null)
    {
        var f = Vmap<(T1, T2, T3), TOut>(a => func(a.Item1, a.Item2, a.Item3), inDims, outDim, randomness, chunkSize);
        return (a, b, c) => f((a, b, c));
    }

    /// <summary>The axis of each tensor of an argument.</summary>
    static int?[] Axes(object? x, int?[]? inDims)
    {
        List<int?> axes = [];
        if (inDims is null || inDims.Length == 1)
        {
            int? axis = inDims is null ? 0 : inDims[0];
            foreach (Tensor _ in Tree.Leaves(x, "Vmap")) axes.Add(axis);
        }
        else
        {
            if (x is not ITuple tuple || tuple.Length != inDims.Length)
                throw new ArgumentException($"Vmap: inDims names {inDims.Length} arguments, the function takes {(x is ITuple t ? t.Length : 1)}.", nameof(inDims));
            for (int i = 0; i < tuple.Length; i++) foreach (Tensor _ in Tree.Leaves(tuple[i], "Vmap")) axes.Add(inDims[i]);
        }
        return [.. axes];
    }

    static Tensor[] Map(Func<Tensor[], Tensor[]> f, Tensor[] x, int?[] axes, int outDim, Randomness randomness, long? chunkSize)
    {
        long? size = null;
        var front = new Tensor[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            front[i] = x[i];
            if (axes[i] is not { } axis) continue;
            if (x[i].Rank == 0) throw new ArgumentException($"Vmap: argument {i} is a scalar and has no axis of examples. Pass null for it in inDims if all examples share it.");
            int d = Layout.Axis(axis, x[i].Rank, "Vmap");
            if (size is { } s && s != x[i].Shape[d]) throw new ArgumentException($"Vmap: {s} examples in the arguments before, {x[i].Shape[d]} in argument {i} of shape {x[i].Shape} along axis {d}; they must be as many.");
            size = x[i].Shape[d];
            front[i] = d == 0 ? x[i] : x[i].MoveDim(d, 0);
        }
        if (size is not { } n) throw new ArgumentException("Vmap: no argument has an axis of examples; inDims is null for all of them.");
        if (chunkSize is not { } chunk || chunk >= n) return Once(front, n);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk, nameof(chunkSize));
        List<Tensor[]> parts = [];
        for (long at = 0; at < n; at += chunk)
        {
            long count = Math.Min(chunk, n - at);
            parts.Add(Once([.. front.Select((t, i) => axes[i] is null ? t : t.Narrow(0, at, count))], count));
        }
        return [.. parts[0].Select((first, j) => Tensor.Cat([.. parts.Select(p => p[j])], Layout.Axis(outDim, first.Rank, "Vmap")))];

        Tensor[] Once(Tensor[] all, long count)
        {
            using Batching by = new(count, randomness);
            by.Begin();
            Tensor[] y = f([.. all.Select((t, i) => axes[i] is null ? t : by.Example(t))]);
            using var _ = by.Step();
            return [.. y.Select(t => by.All(t)).Select(t => outDim == 0 ? t : t.MoveDim(0, outDim))];
        }
    }

    static readonly ConcurrentDictionary<string, bool> s_loops = new();

    /// <summary>Called once for each operation that Vmap runs example by example because it states no rule for all at once; by default, warns on the error stream.</summary>
    public static Action<string> OnVmapFallback { get; set; } = name =>
        Console.Error.WriteLine($"Flambeau: Vmap runs {name} example by example; it has no rule for all at once. The result is right, and slow.");

    internal static void WarnOfLoop(Op op)
    {
        if (s_loops.TryAdd(op.Name, true)) OnVmapFallback(op.Name);
    }

    /// <summary>Calls a module with other tensors in the place of its parameters and buffers. PyTorch's <c>torch.func.functional_call</c>.</summary>
    /// <inheritdoc cref="Stateless.FunctionalCall(UnaryModule, IReadOnlyDictionary{string, Tensor}, Tensor, bool)"/>
    public static Tensor FunctionalCall(UnaryModule module, IReadOnlyDictionary<string, Tensor> parametersAndBuffers, Tensor input) =>
        Stateless.FunctionalCall(module, parametersAndBuffers, input);

    /// <inheritdoc cref="Stateless.FunctionalCall{TModule, TResult}"/>
    public static TResult FunctionalCall<TModule, TResult>(TModule module, IReadOnlyDictionary<string, Tensor> parametersAndBuffers, Func<TModule, TResult> call) where TModule : Module =>
        Stateless.FunctionalCall(module, parametersAndBuffers, call);

    /// <summary>The parameters of several modules of one kind, each stacked along a new first axis, and likewise their buffers: for ensembles by Vmap. PyTorch's <c>torch.func.stack_module_state</c>.</summary>
    /// <param name="modules">Modules with the same names and shapes, all in the same mode.</param>
    /// <exception cref="ArgumentException">There is none, or they differ.</exception>
    public static (OrderedDictionary<string, Tensor> Params, OrderedDictionary<string, Tensor> Buffers) StackModuleState(IReadOnlyList<Module> modules)
    {
        if (modules.Count == 0) throw new ArgumentException("StackModuleState: there is no module.", nameof(modules));
        foreach (Module m in modules)
        {
            if (m.GetType() != modules[0].GetType()) throw new ArgumentException($"StackModuleState: modules of one kind are stacked, not a {modules[0].GetType().Name} and a {m.GetType().Name}.", nameof(modules));
            if (m.IsTraining != modules[0].IsTraining) throw new ArgumentException("StackModuleState: some modules are in training mode, others not. Call Train() or Eval() on all.", nameof(modules));
        }
        return (Stack(m => m.NamedParameters().Select(p => (p.Name, (Tensor)p.Value))), Stack(m => m.NamedBuffers().Select(b => (b.Name, (Tensor)b.Value))));

        OrderedDictionary<string, Tensor> Stack(Func<Module, IEnumerable<(string Name, Tensor Value)>> read)
        {
            OrderedDictionary<string, Tensor> y = [];
            (string Name, Tensor Value)[][] all = [.. modules.Select(m => read(m).ToArray())];
            for (int i = 0; i < all[0].Length; i++)
            {
                string name = all[0][i].Name;
                foreach (var of in all)
                    if (of.Length != all[0].Length || of[i].Name != name || of[i].Value.Shape != all[0][i].Value.Shape)
                        throw new ArgumentException($"StackModuleState: the modules differ at '{name}'. They must have the same names and shapes.", nameof(modules));
                using var _ = Autograd.NoGrad();
                y.Add(name, Tensor.Stack([.. all.Select(of => of[i].Value)]));
                if (all[0][i].Value.RequiresGrad) y[name].RequiresGrad = true;
            }
            return y;
        }
    }
}
