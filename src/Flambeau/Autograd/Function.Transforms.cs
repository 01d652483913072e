using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

public static partial class Autograd
{
    public abstract partial class Function
    {
        /// <summary>
        /// The function on tensors of a transform. Whoever differentiates farther out must find the function, not what its Forward did inside:
        /// so it is applied to what is behind them.
        /// </summary>
        Tensor[] Carried(Transform by, Tensor[] inputs)
        {
            Tensor[] x = by.Behind(inputs), y;
            if (by is Batching b)
            {
                bool[] mapped = Array.ConvertAll(inputs, t => b.Owns(t) && t.Lift!.IsMapped);
                using (by.Step()) y = new OfExamples(this, b, mapped).Apply(x);
                return Array.ConvertAll(y, b.Example);
            }
            Forward f = (Forward)by;
            Tensor?[] t = Array.ConvertAll(inputs, f.Tangent), dy;
            using (by.Step())
            {
                y = Apply(x);
                dy = t.All(d => d is null) ? new Tensor?[y.Length] : Transforms.Forward.ByDoubleBackward(Apply, x, t);
            }
            return [.. y.Select((r, i) => f.Dual(r, dy[i]))];
        }

        /// <summary>A function of one example as a function of all of them, along axis 0: each of its passes is a Vmap.</summary>
        sealed class OfExamples(Function of, Batching by, bool[] mapped) : Function
        {
            Context? _inner;
            bool[] _savedMapped = [];

            private protected override string Name => of.Name;

            protected override bool IsOnceDifferentiable => of.IsOnceDifferentiable;

            protected override Tensor[] Forward(Context context, Tensor[] inputs)
            {
                using Batching level = by.Like();
                level.Begin();
                _inner = new() { Needed = context.Needed, Function = Name };
                Tensor[] x = [.. inputs.Select((t, i) => mapped[i] ? level.Example(t) : t)], y = of.Forward(_inner, x);
                foreach (Tensor t in y)
                    if (x.Any(a => ReferenceEquals(a, t))) throw new InvalidOperationException($"{Name}: a result is an input itself. Answer a copy: Clone().");
                using var _ = level.Step();
                Tensor[] results = Array.ConvertAll(y, level.All);
                _savedMapped = Array.ConvertAll(_inner.Given, t => level.Owns(t) && t.Lift!.IsMapped);
                // What is an input or a result stays that very tensor, so that the graph is found through it.
                context.SaveForBackward([.. _inner.Given.Select(t => Array.FindIndex(y, r => ReferenceEquals(r, t)) is >= 0 and var i ? results[i] : level.Behind(t))]);
                context.MarkNonDifferentiable([.. results.Where((_, i) => _inner.Fixed.Any(f => ReferenceEquals(f, y[i])))]);
                return results;
            }

            protected override Tensor?[] Backward(Context context, Tensor?[] gradOutputs)
            {
                using Batching level = by.Like();
                level.Begin();
                IReadOnlyList<Tensor> saved = context.SavedTensors;
                // A result is saved for all examples, whether they differ or not.
                _inner!.Given = [.. saved.Select((t, i) => _savedMapped[i] || t.Rank > _inner.Given[i].Rank ? level.Example(t) : t)];
                Tensor?[] back = of.Backward(_inner, Array.ConvertAll(gradOutputs, g => g is null ? null : level.Example(g)));
                using var _ = level.Step();
                for (int i = 0; i < back.Length && i < mapped.Length; i++)
                    if (back[i] is { } g) back[i] = mapped[i] ? level.All(g) : level.All(g).Sum(0);
                return back;
            }
        }
    }
}
