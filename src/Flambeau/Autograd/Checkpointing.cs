using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

/// <summary>
/// Memory for time: what the operations of a function keep for the backward pass is not kept, but computed again when the backward pass
/// asks for it, by running the function once more. PyTorch's <c>torch.utils.checkpoint</c> without reentry (Chen et al. 2016, "Training Deep
/// Nets with Sublinear Memory Cost").
/// </summary>
/// <remarks>
/// The function must do the same both times. What it draws from <see cref="Generator.Default"/> is the same; draws from other generators are
/// not. It runs under the autocast that was in force. Buffers that it changes, as those of batch norm in training, are changed twice.
/// Checkpoints nest, gradients may be differentiated again, and a graph may be retained: then the function runs once for each pass.
/// </remarks>
public static class Checkpointing
{
    /// <summary>Calls a function of one tensor, and keeps only its argument.</summary>
    /// <param name="function">The function. Tensors that it uses besides its argument are kept, as anything a lambda uses.</param>
    /// <param name="input">Its argument; not to be changed in place until the backward pass.</param>
    /// <param name="preserveRngState">Whether the second run draws the numbers of the first from <see cref="Generator.Default"/>, which afterwards goes on as if there had been none.</param>
    /// <param name="keep">Operations whose results are kept after all, as they are costly to compute: see <see cref="Products"/>. By default none. PyTorch's selective checkpointing.</param>
    /// <exception cref="InvalidOperationException">In the backward pass: the function did something else the second time, or the argument was changed in place.</exception>
    public static Tensor Checkpoint(Func<Tensor, Tensor> function, Tensor input, bool preserveRngState = true, Func<Op, bool>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Run(x => [function(x[0])], [input], preserveRngState, keep)[0];
    }

    /// <summary>Calls a function of several tensors with several results, and keeps only its arguments.</summary>
    /// <inheritdoc cref="Checkpoint(Func{Tensor, Tensor}, Tensor, bool, Func{Op, bool})"/>
    /// <param name="function">The function.</param>
    /// <param name="inputs">Its arguments.</param>
    /// <param name="preserveRngState">Whether the second run draws the numbers of the first.</param>
    /// <param name="keep">Operations whose results are kept after all.</param>
    public static Tensor[] Checkpoint(Func<Tensor[], Tensor[]> function, Tensor[] inputs, bool preserveRngState = true, Func<Op, bool>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Run(function, inputs, preserveRngState, keep);
    }

    /// <summary>Calls functions one after the other, in <paramref name="segments"/> groups of which all but the last are checkpointed. PyTorch's <c>checkpoint_sequential</c>.</summary>
    /// <param name="functions">The functions: the modules of a Sequential, say, each as <c>m.Call</c>.</param>
    /// <param name="segments">The number of groups.</param>
    /// <param name="input">The argument of the first.</param>
    /// <param name="preserveRngState">As of <see cref="Checkpoint(Func{Tensor, Tensor}, Tensor, bool, Func{Op, bool})"/>.</param>
    /// <exception cref="ArgumentException">There are more segments than functions, or none.</exception>
    public static Tensor CheckpointSequential(IReadOnlyList<Func<Tensor, Tensor>> functions, int segments, Tensor input, bool preserveRngState = true)
    {
        if (segments < 1 || segments > functions.Count) throw new ArgumentException($"CheckpointSequential: {functions.Count} functions cannot be cut into {segments} segments.", nameof(segments));
        int size = functions.Count / segments, at = 0;
        for (int s = 1; s < segments; s++, at += size)
        {
            int from = at;
            input = Checkpoint(x => Through(x, from, from + size), input, preserveRngState);
        }
        return Through(input, at, functions.Count);

        Tensor Through(Tensor x, int from, int to)
        {
            for (int i = from; i < to; i++) x = functions[i](x);
            return x;
        }
    }

    /// <summary>To be passed as <c>keep</c>: matrix products, convolutions and attention, which take most of the time.</summary>
    public static bool Products(Op op) => op is MatMul or Linear or Conv or ConvInput or Attention;

    static Tensor[] Run(Func<Tensor[], Tensor[]> function, Tensor[] inputs, bool preserveRngState, Func<Op, bool>? keep)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (!Autograd.IsGradEnabled) return function(inputs);
        Autograd.CheckHooksAllowed();
        Frame frame = new(function, inputs, preserveRngState, keep);
        using var _ = Modes.Push(Modes.Here with { SavedTensors = new Counting(frame), Results = frame.Results });
        return function([.. inputs]);
    }

    /// <summary>One call of a function.</summary>
    sealed class Frame
    {
        readonly Func<Tensor[], Tensor[]> _function;
        readonly SavedValue[] _inputs;
        readonly (Node? Node, int Index)[] _edges;
        readonly byte[]? _random;
        readonly Amp.Casting? _autocast = Modes.Current?.Autocast;
        readonly Lock _gate = new();

        public readonly List<WeakReference<Place>> Places = [];
        public readonly KeptResults? Results;

        public Frame(Func<Tensor[], Tensor[]> function, Tensor[] inputs, bool preserveRngState, Func<Op, bool>? keep)
        {
            _function = function;
            _inputs = new SavedValue[inputs.Length];
            _edges = new (Node?, int)[inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
            {
                _inputs[i].Keep(inputs[i]);
                if (inputs[i].RequiresGrad) _edges[i] = inputs[i].GradEdge();
            }
            if (preserveRngState) _random = Generator.Default.GetState();
            if (keep is not null) Results = new(keep);
        }

        /// <summary>The value of a place, computed if it is not there. It is not kept here.</summary>
        public Tensor Fetch(Place place)
        {
            lock (_gate)
            {
                if (!place.IsFilled) RunAgain();
                return place.Take();
            }
        }

        void RunAgain()
        {
            var inputs = new Tensor[_inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = _inputs[i].Get("a checkpoint", "input", i, _edges[i].Node, _edges[i].Index);
                _inputs[i].ForgetUnpacked();
            }
            byte[]? now = _random is null ? null : Generator.Default.GetState();
            if (_random is not null) Generator.Default.SetState(_random);
            Filling filling = new(this);
            try
            {
                using var _ = Autograd.EnableGrad();
                using var __ = Modes.Push(Modes.Here with { SavedTensors = filling, Autocast = _autocast, Results = Results?.Replay() });
                _function(inputs);
            }
            catch (Enough e) when (ReferenceEquals(e.Of, filling)) { }
            finally
            {
                if (now is not null) Generator.Default.SetState(now);
            }
            if (filling.Count < Places.Count) throw new InvalidOperationException(
                $"Checkpoint: when the function ran, its operations kept {Places.Count} tensors for the backward pass; when it ran again, {filling.Count}. It must do the same both times: what it decides may not depend on what changed since.");
        }
    }

    /// <summary>The first run: counts what is kept, and notes its shapes.</summary>
    sealed class Counting(Frame frame) : TensorKeeper
    {
        protected override Packed Pack(Tensor x)
        {
            Place place = new(x);
            lock (frame.Places) frame.Places.Add(new(place));
            return new Later(x, frame, place);
        }

        sealed class Later(Tensor x, Frame frame, Place place) : Packed(x)
        {
            protected override Tensor Unpack() => frame.Fetch(place);
        }
    }

    /// <summary>The second run: puts what is kept in the places of the first.</summary>
    sealed class Filling(Frame frame) : TensorKeeper
    {
        public int Count { get; private set; }

        protected override Packed Pack(Tensor x)
        {
            if (Count < frame.Places.Count && frame.Places[Count].TryGetTarget(out Place? place)) place.Fill(x, Count);
            return ++Count < frame.Places.Count ? new Nothing(x) : throw new Enough(this);
        }

        sealed class Nothing(Tensor x) : Packed(x)
        {
            protected override Tensor Unpack() => throw new InvalidOperationException("Checkpoint: a backward pass inside the function cannot be part of its second run. Differentiate outside, by Autograd.Grad with createGraph: true.");
        }
    }

    /// <summary>Ends the second run: nothing that follows is needed.</summary>
    sealed class Enough(Filling of) : Exception
    {
        public Filling Of => of;
    }

    /// <summary>Where a tensor goes that an operation of the function keeps.</summary>
    sealed class Place(Tensor x)
    {
        readonly Dims _shape = x.Shape;
        readonly DType _dtype = x.DType;
        Tensor? _value;
        int _version;

        public bool IsFilled => _value is not null;

        public void Fill(Tensor x, int number)
        {
            if (x.Shape != _shape || x.DType != _dtype)
                throw new InvalidOperationException($"Checkpoint: tensor {number} that the function's operations keep for the backward pass was {_dtype} {_shape} when it ran, and {x.DType} {x.Shape} when it ran again. It must do the same both times.");
            (_value, _version) = (x.WithoutHistory(), x.Storage.Version);
        }

        public Tensor Take()
        {
            Tensor x = _value!;
            _value = null;
            return x.Storage.Version == _version ? x : throw SavedValue.Changed("an operation in a checkpoint", "saved value", x, _version);
        }
    }
}

/// <summary>Results of chosen operations, kept in the order in which they came, to be taken instead of computing them again.</summary>
internal sealed class KeptResults(Func<Op, bool> keep)
{
    readonly List<(Op Op, Tensor[] Results, int[] Versions)> _kept = [];
    readonly Transform? _depth = Transform.Current;                             // what a transform does behind its tensors is not ours
    int _next = -1;                                                             // −1 while they are collected

    /// <summary>The same results, to be taken from the first on.</summary>
    public KeptResults Replay()
    {
        KeptResults r = new(keep) { _next = 0 };
        r._kept.AddRange(_kept);
        return r;
    }

    bool Keeps(Op op) => op is not ViewOp && ReferenceEquals(_depth, Transform.Current) && keep(op);

    /// <summary>The results of an application, if they were kept.</summary>
    public Tensor[]? Take(Op op)
    {
        if (_next < 0 || !Keeps(op)) return null;
        if (_next == _kept.Count || _kept[_next].Op != op)
            throw new InvalidOperationException($"Checkpoint: when the function ran again, it applied {op.Name} where {(_next == _kept.Count ? "nothing that is kept" : _kept[_next].Op.Name)} was applied before. It must do the same both times.");
        (_, Tensor[] results, int[] versions) = _kept[_next++];
        for (int i = 0; i < results.Length; i++)
            if (results[i].Storage.Version != versions[i]) throw SavedValue.Changed(op.Name, $"result {i}, which a checkpoint keeps", results[i], versions[i]);
        return [.. results.Select(t => t.WithoutHistory())];
    }

    /// <summary>Keeps the results of an application, if the function runs for the first time.</summary>
    public void Give(Op op, params Args results)
    {
        if (_next >= 0 || !Keeps(op)) return;
        Tensor[] y = results.ToArray();
        _kept.Add((op, Array.ConvertAll(y, t => t.WithoutHistory()), Array.ConvertAll(y, t => t.Storage.Version)));
    }
}
