using Flambeau.Backends;
using Flambeau.Ops;
using Flambeau.Transforms;

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
    public abstract partial class Function
    {
        /// <summary>What the forward pass leaves for the backward pass.</summary>
        public sealed class Context
        {
            Tensor[] _given = [];
            int[] _versions = [];
            SavedValue[]? _saved;
            (Node? Node, int Index)[] _from = [];
            bool _released;

            /// <summary>Keeps inputs or results. A change in place before the backward pass is an error.</summary>
            public void SaveForBackward(params ReadOnlySpan<Tensor> tensors)
            {
                _given = tensors.ToArray();
                _versions = Array.ConvertAll(_given, t => t.Storage.Version);
            }

            /// <summary>Once the function is on record: what it saved is kept as any operation keeps it, inputs and results in their places of the graph.</summary>
            internal void Seal(Tensor[] inputs, Tensor[] results)
            {
                if (results.FirstOrDefault(y => y.GradFn?.Op is Custom c && ReferenceEquals(c.Context, this))?.GradFn is not { } node) return;
                _saved = new SavedValue[_given.Length];
                _from = new (Node?, int)[_given.Length];
                for (int i = 0; i < _given.Length; i++)
                {
                    int input = Array.FindIndex(inputs, x => ReferenceEquals(x, _given[i])), result = Array.FindIndex(results, y => ReferenceEquals(y, _given[i]));
                    if (input >= 0 && node.Needs(input)) _from[i] = (node.Inputs[input].Next, node.Inputs[input].Index);
                    else if (result >= 0 && node.Results[result].IsDifferentiable) _from[i] = (node, result);
                    if (_given[i].Storage.Version != _versions[i]) throw SavedValue.Changed(node.Name, $"saved tensor {i}", _given[i], _versions[i]);
                    _saved[i].Keep(_given[i]);
                }
                _given = [];
            }

            /// <summary>Drops what was saved; answers whether there was anything.</summary>
            internal bool Release()
            {
                for (int i = 0; i < _saved?.Length; i++) _released |= _saved[i].Clear();
                return _released;
            }

            internal void ForgetUnpacked()
            {
                for (int i = 0; i < _saved?.Length; i++) _saved[i].ForgetUnpacked();
            }

            internal string Function { get; init; } = "";

            /// <summary>What was given to be kept, where the function itself is not on record.</summary>
            internal Tensor[] Given
            {
                get => _given;
                set => (_given, _versions) = (value, Array.ConvertAll(value, t => t.Storage.Version));
            }

            /// <summary>What was kept.</summary>
            /// <exception cref="InvalidOperationException">One was changed in place since.</exception>
            public IReadOnlyList<Tensor> SavedTensors
            {
                get
                {
                    if (_released) throw new InvalidOperationException($"{Function}: the saved tensors were freed by an earlier backward pass through this graph. Pass retainGraph: true to that pass.");
                    if (_saved is null) return _given;
                    var y = new Tensor[_saved.Length];
                    for (int i = 0; i < y.Length; i++) y[i] = _saved[i].Get(Function, "saved tensor", i, _from[i].Node, _from[i].Index);
                    return y;
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

        private protected virtual string Name => GetType().Name;

        /// <summary>Computes the results. Nothing is recorded meanwhile.</summary>
        protected abstract Tensor[] Forward(Context context, Tensor[] inputs);

        /// <summary>The gradients of the inputs from those of the results, null where nothing flows.</summary>
        protected abstract Tensor?[] Backward(Context context, Tensor?[] gradOutputs);

        /// <summary>
        /// Whether <see cref="Backward"/> computes in ways that are not recorded, so that it cannot be differentiated again: then trying to is an error
        /// instead of a wrong answer. PyTorch's <c>once_differentiable</c>.
        /// </summary>
        protected virtual bool IsOnceDifferentiable => false;

        /// <summary>Applies the function.</summary>
        /// <exception cref="InvalidOperationException">A result is an input itself: answer a copy.</exception>
        public Tensor[] Apply(params Tensor[] inputs)
        {
            Transform? by = Modes.Current is null ? null : Transform.Of(inputs);
            if (by is not null && !Op.Records(inputs, by)) return Carried(by, inputs);
            uint needed = 0;
            for (int i = 0; i < inputs.Length; i++) if (inputs[i].RequiresGrad) needed |= 1u << Math.Min(i, 31);
            Context context = new() { Needed = needed, Function = Name };
            Tensor[] y;
            using (by is null ? NoGrad() : SetGradEnabledAt(by.Depth, false)) y = Forward(context, inputs);
            foreach (Tensor t in y)
                if (inputs.Any(x => ReferenceEquals(x, t))) throw new InvalidOperationException($"{Name}: a result is an input itself. Answer a copy: Clone().");
            Op.Record(new Custom(this, context), inputs, y, t => !context.Fixed.Any(f => ReferenceEquals(f, t)));
            context.Seal(inputs, y);
            return y;
        }

        /// <summary>The function as an operation of the tape. Its results are there before it is recorded.</summary>
        sealed record Custom(Function Of, Context Context) : Op
        {
            public override string Name => Of.Name;

            protected internal override TensorSpec Infer(Args x) => throw new NotSupportedException($"{Name}: shapes are known once it has run.");

            protected internal override void Run(Backend d, Args x, Tensor y) => throw new NotSupportedException($"{Name} is applied by Apply.");

            protected internal override Saved Saves(uint needs) => Saved.None;

            internal override bool Release() => Context.Release();

            /// <summary>The gradients of a function that is differentiated once only: behind a step whose own derivative is an error.</summary>
            Tensor?[]? Once(Tensor?[] g)
            {
                if (!Of.IsOnceDifferentiable || !IsGradEnabled) return null;
                Tensor?[] back;
                using (NoGrad()) back = Of.Backward(Context, [.. g.Select(t => t?.Detach())]);
                Tensor[] from = [.. g.OfType<Tensor>().Where(t => t.RequiresGrad), .. Context.SavedTensors.Where(t => t.RequiresGrad)];
                Tensor[] results = [.. back.OfType<Tensor>().Select(t => t.Detach())];
                if (from.Length > 0) Record(new Refused(Name, "it says IsOnceDifferentiable, and its gradient is being differentiated. Write its Backward with tensor operations only, or do not pass createGraph."), from, results, _ => true);
                int at = 0;
                for (int i = 0; i < back.Length; i++) if (back[i] is not null) back[i] = results[at++];
                return back;
            }

            protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
            {
                Tensor?[] back = Once(g) ?? Of.Backward(Context, g);
                Context.ForgetUnpacked();
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
