using Flambeau.Backends;
using Flambeau.Ops;

namespace Flambeau;

public static partial class Autograd
{
    /// <summary>
    /// An operation of the user's own: forward and backward, written with tensor operations or without. PyTorch's <c>torch.autograd.Function</c>.
    /// If <see cref="Backward"/> uses tensor operations only, it can be differentiated again.
    /// </summary>
    /// <example><code>
    /// sealed class Cube : Autograd.Function
    /// {
    ///     protected override Tensor[] Forward(Context c, Tensor[] x) { c.SaveForBackward(x[0]); return [x[0] * x[0] * x[0]]; }
    ///     protected override Tensor?[] Backward(Context c, Tensor?[] g) => [g[0]! * 3 * c.SavedTensors[0].Square()];
    /// }
    /// Tensor y = new Cube().Apply(x)[0];
    /// </code></example>
    public abstract class Function
    {
        /// <summary>What the forward pass leaves for the backward pass.</summary>
        public sealed class Context
        {
            Tensor[] _saved = [];
            int[] _versions = [];

            /// <summary>Keeps inputs or results. A change in place before the backward pass is an error.</summary>
            public void SaveForBackward(params ReadOnlySpan<Tensor> tensors)
            {
                _saved = tensors.ToArray();
                _versions = Array.ConvertAll(_saved, t => t.Storage.Version);
            }

            /// <summary>What was kept.</summary>
            /// <exception cref="InvalidOperationException">One was changed in place since.</exception>
            public IReadOnlyList<Tensor> SavedTensors
            {
                get
                {
                    for (int i = 0; i < _saved.Length; i++)
                        if (_saved[i].Storage.Version != _versions[i])
                            throw new InvalidOperationException($"Backward of a function: saved tensor {i} of shape {_saved[i].Shape} has been changed in place since. Clone it first.");
                    return _saved;
                }
            }

            /// <summary>Results through which no gradient flows.</summary>
            public void MarkNonDifferentiable(params ReadOnlySpan<Tensor> tensors) => Fixed = [.. tensors];

            internal List<Tensor> Fixed { get; private set; } = [];

            /// <summary>Bit i: input i wants a gradient.</summary>
            internal uint Needed { get; init; }

            /// <summary>Whether input <paramref name="i"/> wants a gradient. PyTorch's <c>needs_input_grad</c>.</summary>
            public bool NeedsInputGrad(int i) => (Needed >> Math.Min(i, 31) & 1) != 0;

            /// <summary>Anything else to keep.</summary>
            public Dictionary<string, object?> Data { get; } = [];
        }

        /// <summary>Computes the results. Nothing is recorded meanwhile.</summary>
        protected abstract Tensor[] Forward(Context context, Tensor[] inputs);

        /// <summary>The gradients of the inputs from those of the results, null where nothing flows.</summary>
        protected abstract Tensor?[] Backward(Context context, Tensor?[] gradOutputs);

        /// <summary>Applies the function.</summary>
        /// <exception cref="InvalidOperationException">A result is an input itself: answer a copy.</exception>
        public Tensor[] Apply(params Tensor[] inputs)
        {
            uint needed = 0;
            for (int i = 0; i < inputs.Length; i++) if (inputs[i].RequiresGrad) needed |= 1u << Math.Min(i, 31);
            Context context = new() { Needed = needed };
            Tensor[] y;
            using (NoGrad()) y = Forward(context, inputs);
            foreach (Tensor t in y)
                if (inputs.Any(x => ReferenceEquals(x, t))) throw new InvalidOperationException($"{GetType().Name}: a result is an input itself. Answer a copy: Clone().");
            return Op.Record(new Custom(this, context), inputs, y, t => !context.Fixed.Any(f => ReferenceEquals(f, t)));
        }

        /// <summary>The function as an operation of the tape. Its results are there before it is recorded.</summary>
        sealed record Custom(Function Of, Context Context) : Op
        {
            public override string Name => Of.GetType().Name;

            protected internal override TensorSpec Infer(Args x) => throw new NotSupportedException($"{Name}: shapes are known once it has run.");

            protected internal override void Run(Backend d, Args x, Tensor y) => throw new NotSupportedException($"{Name} is applied by Apply.");

            protected internal override Saved Saves(uint needs) => Saved.None;

            protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
            {
                Tensor?[] back = Of.Backward(Context, g);
                if (back.Length != n.InputCount) throw new InvalidOperationException($"{Name}: Backward answers {back.Length} gradients for {n.InputCount} inputs.");
                for (int i = 0; i < back.Length; i++)
                    if (back[i] is { } t && t.Shape != n.InputShape(i))
                        throw new InvalidOperationException($"{Name}: Backward answers a gradient of shape {t.Shape} for input {i} of shape {n.InputShape(i)}.");
                foreach (Tensor? t in back) t?.Storage.IsShared = true;         // the function may keep it: nobody else may write there
                return back;
            }
        }
    }
}
