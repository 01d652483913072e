using Flambeau.Backends;
using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau.Nn;

/// <summary>
/// The two gates that a module with backward hooks puts on the tape for one call. Inputs and results pass through them unchanged; gradients on
/// their way back do so all at once: those of the results come into the first, those of the inputs leave by the second.
/// </summary>
sealed class ModuleTape
{
    readonly Module _module;
    readonly BeforeHook[] _before;
    readonly AfterHook[] _after;
    Tensor?[]? _gradResults;
    int _inputs;
    bool _hasEntry;

    ModuleTape(Module module, BeforeHook[] before, AfterHook[] after) => (_module, _before, _after) = (module, before, after);

    public static ModuleTape? Of(Module module, BeforeHook[] before, AfterHook[] after) => before.Length + after.Length == 0 ? null : new(module, before, after);

    /// <summary>The inputs, with a gate behind those that require gradients.</summary>
    public Tensor?[] Enter(Tensor?[] inputs)
    {
        _inputs = inputs.Length;
        Tensor?[] y = Pass(inputs, places => new ModuleEntry(this, places));
        _hasEntry = !ReferenceEquals(y, inputs);
        return y;
    }

    /// <summary>The results, with a gate before those that require gradients.</summary>
    public Tensor?[] Leave(Tensor?[] results) => Pass(results, places => new ModuleExit(this, places, results.Length));

    /// <summary>What passes is a view, so that what the module does to it in place is done to the tensor itself. Inside a transform, its own tensors pass.</summary>
    static Tensor?[] Pass(Tensor?[] tensors, Func<int[], Op> gate)
    {
        Transform? by = Transform.Current is null ? null : Transform.Of([.. tensors.Where(t => t is { RequiresGrad: true }).Select(t => t!)]);
        int[] places = [.. Enumerable.Range(0, tensors.Length).Where(i => tensors[i] is { RequiresGrad: true } t && (by is null || by.Owns(t)))];
        if (places.Length == 0) return tensors;
        Tensor[] from = Array.ConvertAll(places, i => tensors[i]!), to = Array.ConvertAll(from, t => Op.Apply(new View(t.Shape), t));
        Op.Record(gate(places), from, to, _ => true);
        Tensor?[] y = [.. tensors];
        for (int i = 0; i < places.Length; i++) y[places[i]] = to[i];
        return y;
    }

    static Tensor?[] Spread(Tensor?[] g, int[] places, int count)
    {
        var y = new Tensor?[count];
        for (int i = 0; i < places.Length; i++) y[places[i]] = g[i];
        return y;
    }

    static Tensor?[] Gather(Tensor?[] g, int[] places) => Array.ConvertAll(places, i => g[i]);

    Tensor?[] OfResults(Tensor?[] g)
    {
        foreach (BeforeHook hook in _before) g = _module.Checked(hook(_module, g), g, "full backward pre-hook");
        _gradResults = g;
        if (!_hasEntry) OfInputs(new Tensor?[_inputs]);
        return g;
    }

    Tensor?[] OfInputs(Tensor?[] g)
    {
        if (_gradResults is not { } results) return g;
        foreach (AfterHook hook in _after) g = _module.Checked(hook(_module, g, results), g, "full backward hook");
        _gradResults = null;
        return g;
    }

    /// <summary>Where the inputs come in.</summary>
    internal sealed record ModuleEntry(ModuleTape Tape, int[] Places) : Gate
    {
        protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => Gather(Tape.OfInputs(Spread(g, Places, Tape._inputs)), Places);
    }

    /// <summary>Where the results go out.</summary>
    internal sealed record ModuleExit(ModuleTape Tape, int[] Places, int Results) : Gate
    {
        protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => Gather(Tape.OfResults(Spread(g, Places, Results)), Places);
    }

    internal abstract record Gate : Op
    {
        protected internal override TensorSpec Infer(Args x) => throw new NotSupportedException();

        protected internal override void Run(Backend d, Args x, Tensor y) => throw new NotSupportedException();

        protected internal override Saved Saves(uint needs) => Saved.None;
    }
}
