using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    internal override void Update<TRule>(TRule rule, Tensor p, Tensor g, ReadOnlySpan<Tensor> state)
    {
        for (long i = 0; i < p.Count; i++)
        {
            Ref x = new(Get(p, p.Layout.Offset + i).Real), d = new(Get(g, g.Layout.Offset + i).Real);
            Ref a = Load(state, 0, i), b = Load(state, 1, i), c = Load(state, 2, i);
            rule.Apply(ref x, d, ref a, ref b, ref c);
            Set(p, p.Layout.Offset + i, x.Value);
            Store(state, 0, i, a);
            Store(state, 1, i, b);
            Store(state, 2, i, c);
        }

        static Ref Load(ReadOnlySpan<Tensor> state, int k, long i) => k < state.Length ? new(Get(state[k], state[k].Layout.Offset + i).Real) : default;

        static void Store(ReadOnlySpan<Tensor> state, int k, long i, Ref value)
        {
            if (k < state.Length) Set(state[k], state[k].Layout.Offset + i, value.Value);
        }
    }
}
