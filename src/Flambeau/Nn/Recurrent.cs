using System.Globalization;

namespace Flambeau.Nn;

/// <summary>What recurrent networks share: weights for each layer and direction, under PyTorch's names.</summary>
public abstract class RecurrentBase : Module
{
    private protected readonly int _layers;
    private protected readonly bool _bias, _batchFirst, _bidirectional;
    private protected readonly double _dropout;
    readonly OrderedDictionary<string, Parameter> _weights = [];
    readonly string _repr;

    private protected RecurrentBase(int gates, long inputSize, long hiddenSize, int numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, long projSize, DType? dtype)
    {
        if (inputSize <= 0 || hiddenSize <= 0 || numLayers <= 0) throw new ArgumentException($"{GetType().Name}: sizes {inputSize} and {hiddenSize} and {numLayers} layers must all be positive.");
        if (!(dropout is >= 0 and <= 1)) throw new ArgumentException($"{GetType().Name}: a probability of {dropout} does not lie in [0, 1].", nameof(dropout));
        if (projSize < 0 || projSize >= hiddenSize) throw new ArgumentException($"{GetType().Name}: a projection to {projSize} must be smaller than {hiddenSize}.", nameof(projSize));
        (_layers, _bias, _batchFirst, _dropout, _bidirectional) = (numLayers, bias, batchFirst, dropout, bidirectional);
        (InputSize, HiddenSize, ProjSize) = (inputSize, hiddenSize, projSize);
        long state = projSize > 0 ? projSize : hiddenSize;
        for (int layer = 0; layer < numLayers; layer++)
            foreach (string suffix in bidirectional ? (string[])["", "_reverse"] : [""])
            {
                string at = "_l" + layer.ToString(CultureInfo.InvariantCulture) + suffix;
                long from = layer == 0 ? inputSize : state * (bidirectional ? 2 : 1);
                _weights.Add("weight_ih" + at, Parameter.Uninitialized([gates * hiddenSize, from], dtype));
                _weights.Add("weight_hh" + at, Parameter.Uninitialized([gates * hiddenSize, state], dtype));
                if (bias) _weights.Add("bias_ih" + at, Parameter.Uninitialized([gates * hiddenSize], dtype));
                if (bias) _weights.Add("bias_hh" + at, Parameter.Uninitialized([gates * hiddenSize], dtype));
                if (projSize > 0) _weights.Add("weight_hr" + at, Parameter.Uninitialized([projSize, hiddenSize], dtype));
            }
        _repr = $"{inputSize}, {hiddenSize}" + (projSize > 0 ? $", proj_size={projSize}" : "") + (numLayers != 1 ? $", num_layers={numLayers}" : "") + (bias ? "" : ", bias=False")
            + (batchFirst ? ", batch_first=True" : "") + (dropout != 0 ? FormattableString.Invariant($", dropout={dropout}") : "") + (bidirectional ? ", bidirectional=True" : "");
        ResetParameters();
    }

    /// <summary>The size of an input.</summary>
    public long InputSize { get; }

    /// <summary>The size of a state.</summary>
    public long HiddenSize { get; }

    /// <summary>To what an LSTM's state is projected; 0 if it is not.</summary>
    public long ProjSize { get; }

    /// <summary>The weights by name: <c>weight_ih_l0</c>, <c>weight_hh_l0</c>, <c>bias_ih_l0</c>, <c>bias_hh_l0</c>, <c>weight_ih_l0_reverse</c>, ….</summary>
    [Name("")]
    public IReadOnlyDictionary<string, Parameter> Weights => _weights;

    private protected IReadOnlyList<Tensor> FlatWeights => _weights.Values;

    /// <summary>Draws the weights anew: uniform on ±1/√hiddenSize.</summary>
    public void ResetParameters()
    {
        double bound = 1 / Math.Sqrt(HiddenSize);
        foreach (Parameter p in _weights.Values) Init.UniformInPlace(p, -bound, bound);
    }

    /// <inheritdoc/>
    protected override string ExtraRepr => _repr;

    /// <summary>The states for the packed batch's own order.</summary>
    private protected static Tensor? Sorted(Tensor? states, PackedSequence packed) => states is null || packed.SortedIndices is null ? states : states.IndexSelect(1, packed.SortedIndices);

    private protected static Tensor Unsorted(Tensor states, PackedSequence packed) => packed.UnsortedIndices is null ? states : states.IndexSelect(1, packed.UnsortedIndices);

    /// <summary>Runs sequences of different lengths: in each step those that are not over.</summary>
    /// <param name="packed">The sequences.</param>
    /// <param name="first">For each of h and c (or only h): the first states of all layers, (layers · directions, N, …).</param>
    /// <param name="step">One step of a cell: input, states, weights → states.</param>
    private protected (PackedSequence Output, Tensor[] Last) RunPacked(PackedSequence packed, Tensor[] first, Func<Tensor, Tensor[], Tensor[], Tensor[]> step)
    {
        int directions = _bidirectional ? 2 : 1, each = 2 + (_bias ? 2 : 0) + (ProjSize > 0 ? 1 : 0);
        IReadOnlyList<Tensor> weights = FlatWeights;
        List<Tensor>[] last = [.. first.Select(_ => new List<Tensor>())];
        Tensor[] steps = packed.Data.Split(packed.BatchSizes);
        for (int layer = 0; layer < _layers; layer++)
        {
            if (layer > 0 && _dropout > 0 && IsTraining) steps = F.Dropout(Tensor.Cat(steps), _dropout).Split(packed.BatchSizes);
            Tensor[][] outputs = new Tensor[directions][];
            for (int d = 0; d < directions; d++)
            {
                int run = layer * directions + d;
                Tensor[] w = [.. weights.Skip(run * each).Take(each)], begin = [.. first.Select(s => s.Select(0, run))];
                outputs[d] = d == 0 ? Onward(steps, begin, w) : Backward(steps, begin, w);
            }
            steps = directions == 1 ? outputs[0] : [.. outputs[0].Zip(outputs[1], (a, b) => Tensor.Cat([a, b], -1))];
        }
        return (packed with { Data = Tensor.Cat(steps) }, [.. last.Select(l => Tensor.Stack(l))]);

        // Sequences come longest first: those that are over stand behind those that go on.
        Tensor[] Onward(Tensor[] x, Tensor[] begin, Tensor[] w)
        {
            Tensor[] y = new Tensor[x.Length], s = [.. begin.Select(b => b.Narrow(0, 0, packed.BatchSizes[0]))];
            List<Tensor>[] over = [.. begin.Select(_ => new List<Tensor>())];
            for (int t = 0; t < x.Length; t++)
            {
                long n = x[t].Shape[0], before = s[0].Shape[0];
                if (n < before)
                    for (int k = 0; k < s.Length; k++)
                    {
                        over[k].Add(s[k].Narrow(0, n, before - n));
                        s[k] = s[k].Narrow(0, 0, n);
                    }
                s = step(x[t], s, w);
                y[t] = s[0];
            }
            for (int k = 0; k < s.Length; k++) last[k].Add(Tensor.Cat([s[k], .. Enumerable.Reverse(over[k])]));
            return y;
        }

        Tensor[] Backward(Tensor[] x, Tensor[] begin, Tensor[] w)
        {
            Tensor[] y = new Tensor[x.Length], s = [.. begin.Select(b => b.Narrow(0, 0, packed.BatchSizes[^1]))];
            for (int t = x.Length - 1; t >= 0; t--)
            {
                long n = x[t].Shape[0], before = s[0].Shape[0];
                if (n > before) s = [.. s.Select((a, k) => Tensor.Cat([a, begin[k].Narrow(0, before, n - before)]))];
                s = step(x[t], s, w);
                y[t] = s[0];
            }
            for (int k = 0; k < s.Length; k++) last[k].Add(s[k]);
            return y;
        }
    }

    private protected Tensor[] FirstStates(PackedSequence packed, Tensor?[] given, long[] sizes)
    {
        long batch = packed.BatchSizes[0], runs = _layers * (_bidirectional ? 2 : 1);
        return [.. given.Select((g, k) =>
        {
            Dims want = [runs, batch, sizes[k]];
            if (g is not null && g.Shape != want) throw new ArgumentException($"{GetType().Name}: a first state of shape {g.Shape}; {want} is wanted.");
            return Sorted(g, packed) ?? Tensor.Zeros(want, packed.Data.DType);
        })];
    }

    private protected static Tensor? Bias(Tensor[] w, int i, bool has) => has ? w[i] : null;
}

/// <summary>Long short-term memory. PyTorch's <c>nn.LSTM</c>; <see cref="F.Lstm"/> says more.</summary>
/// <param name="inputSize">The size of an input.</param>
/// <param name="hiddenSize">The size of a state.</param>
/// <param name="numLayers">How many layers.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="batchFirst">Whether tensors are (N, T, …) rather than (T, N, …).</param>
/// <param name="dropout">The probability of dropping a layer's result before the next, in training.</param>
/// <param name="bidirectional">Whether each layer also runs backward.</param>
/// <param name="projSize">To what states are projected; 0 for not.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Lstm(long inputSize, long hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0, bool bidirectional = false, long projSize = 0, DType? dtype = null)
    : RecurrentBase(4, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize, dtype)
{
    /// <summary>(T, N, in) → all states (T, N, directions · H), and the last h and c of every layer, (layers · directions, N, …).</summary>
    /// <param name="input">(T, N, in), or (N, T, in) with batchFirst, or (T, in).</param>
    /// <param name="hx">The first h and c; zeros if not given.</param>
    public (Tensor Output, (Tensor H, Tensor C) State) Forward(Tensor input, (Tensor H, Tensor C)? hx = null)
    {
        (Tensor y, Tensor h, Tensor c) = F.Lstm(input, hx, FlatWeights, _bias, _layers, _dropout, IsTraining, _bidirectional, _batchFirst);
        return (y, (h, c));
    }

    /// <summary>The same for sequences of different lengths.</summary>
    public (PackedSequence Output, (Tensor H, Tensor C) State) Forward(PackedSequence input, (Tensor H, Tensor C)? hx = null)
    {
        Tensor[] first = FirstStates(input, [hx?.H, hx?.C], [ProjSize > 0 ? ProjSize : HiddenSize, HiddenSize]);
        (PackedSequence y, Tensor[] last) = RunPacked(input, first, (x, s, w) =>
        {
            (Tensor h, Tensor c) = F.LstmCell(x, (s[0], s[1]), w[0], w[1], Bias(w, 2, _bias), Bias(w, 3, _bias));
            return [ProjSize > 0 ? F.Linear(h, w[^1]) : h, c];
        });
        return (y, (Unsorted(last[0], input), Unsorted(last[1], input)));
    }

    /// <summary>Forward with the hooks around it, which see the input, h and c, and all states, the last h and the last c.</summary>
    /// <inheritdoc cref="Forward(Tensor, ValueTuple{Tensor, Tensor}?)"/>
    public (Tensor Output, (Tensor H, Tensor C) State) Call(Tensor input, (Tensor H, Tensor C)? hx = null) =>
        Invoke([input, hx?.H, hx?.C], x => Forward(x[0]!, State(x)), y => [y.Output, y.State.H, y.State.C], (_, t) => (t[0]!, (t[1]!, t[2]!)));

    /// <inheritdoc cref="Call(Tensor, ValueTuple{Tensor, Tensor}?)"/>
    public (PackedSequence Output, (Tensor H, Tensor C) State) Call(PackedSequence input, (Tensor H, Tensor C)? hx = null) => Invoke([input.Data, hx?.H, hx?.C],
        x => Forward(input with { Data = x[0]! }, State(x)), y => [y.Output.Data, y.State.H, y.State.C], (y, t) => (y.Output with { Data = t[0]! }, (t[1]!, t[2]!)));

    static (Tensor, Tensor)? State(Tensor?[] x) => x[1] is { } h && x[2] is { } c ? (h, c) : null;
}

/// <summary>Gated recurrent units. PyTorch's <c>nn.GRU</c>; <see cref="F.Gru"/> says more.</summary>
/// <param name="inputSize">The size of an input.</param>
/// <param name="hiddenSize">The size of a state.</param>
/// <param name="numLayers">How many layers.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="batchFirst">Whether tensors are (N, T, …) rather than (T, N, …).</param>
/// <param name="dropout">The probability of dropping a layer's result before the next, in training.</param>
/// <param name="bidirectional">Whether each layer also runs backward.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Gru(long inputSize, long hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0, bool bidirectional = false, DType? dtype = null)
    : RecurrentBase(3, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, 0, dtype)
{
    /// <summary>(T, N, in) → all states (T, N, directions · H), and the last of every layer, (layers · directions, N, H).</summary>
    /// <param name="input">(T, N, in), or (N, T, in) with batchFirst, or (T, in).</param>
    /// <param name="hx">The first states; zeros if not given.</param>
    public (Tensor Output, Tensor H) Forward(Tensor input, Tensor? hx = null) => F.Gru(input, hx, FlatWeights, _bias, _layers, _dropout, IsTraining, _bidirectional, _batchFirst);

    /// <summary>The same for sequences of different lengths.</summary>
    public (PackedSequence Output, Tensor H) Forward(PackedSequence input, Tensor? hx = null)
    {
        (PackedSequence y, Tensor[] last) = RunPacked(input, FirstStates(input, [hx], [HiddenSize]), (x, s, w) => [F.GruCell(x, s[0], w[0], w[1], Bias(w, 2, _bias), Bias(w, 3, _bias))]);
        return (y, Unsorted(last[0], input));
    }

    /// <summary>Forward with the hooks around it, which see the input and the first states, and all states and the last.</summary>
    /// <inheritdoc cref="Forward(Tensor, Tensor?)"/>
    public (Tensor Output, Tensor H) Call(Tensor input, Tensor? hx = null) => Invoke([input, hx], x => Forward(x[0]!, x[1]));

    /// <inheritdoc cref="Call(Tensor, Tensor?)"/>
    public (PackedSequence Output, Tensor H) Call(PackedSequence input, Tensor? hx = null) => Invoke([input.Data, hx],
        x => Forward(input with { Data = x[0]! }, x[1]), y => [y.Output.Data, y.H], (y, t) => (y.Output with { Data = t[0]! }, t[1]!));
}

/// <summary>A simple recurrent network. PyTorch's <c>nn.RNN</c>; <see cref="F.RnnTanh"/> says more.</summary>
public class Rnn : RecurrentBase
{
    readonly bool _relu;

    /// <summary>Draws the weights.</summary>
    /// <param name="inputSize">The size of an input.</param>
    /// <param name="hiddenSize">The size of a state.</param>
    /// <param name="numLayers">How many layers.</param>
    /// <param name="nonlinearity"><c>tanh</c> or <c>relu</c>.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="batchFirst">Whether tensors are (N, T, …) rather than (T, N, …).</param>
    /// <param name="dropout">The probability of dropping a layer's result before the next, in training.</param>
    /// <param name="bidirectional">Whether each layer also runs backward.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Rnn(long inputSize, long hiddenSize, int numLayers = 1, string nonlinearity = "tanh", bool bias = true, bool batchFirst = false, double dropout = 0, bool bidirectional = false,
        DType? dtype = null) : base(1, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, 0, dtype) => _relu = RnnCell.IsRelu(nonlinearity);

    /// <summary>(T, N, in) → all states (T, N, directions · H), and the last of every layer, (layers · directions, N, H).</summary>
    /// <param name="input">(T, N, in), or (N, T, in) with batchFirst, or (T, in).</param>
    /// <param name="hx">The first states; zeros if not given.</param>
    public (Tensor Output, Tensor H) Forward(Tensor input, Tensor? hx = null) => _relu
        ? F.RnnRelu(input, hx, FlatWeights, _bias, _layers, _dropout, IsTraining, _bidirectional, _batchFirst)
        : F.RnnTanh(input, hx, FlatWeights, _bias, _layers, _dropout, IsTraining, _bidirectional, _batchFirst);

    /// <summary>The same for sequences of different lengths.</summary>
    public (PackedSequence Output, Tensor H) Forward(PackedSequence input, Tensor? hx = null)
    {
        (PackedSequence y, Tensor[] last) = RunPacked(input, FirstStates(input, [hx], [HiddenSize]), (x, s, w) =>
            [_relu ? F.RnnReluCell(x, s[0], w[0], w[1], Bias(w, 2, _bias), Bias(w, 3, _bias)) : F.RnnTanhCell(x, s[0], w[0], w[1], Bias(w, 2, _bias), Bias(w, 3, _bias))]);
        return (y, Unsorted(last[0], input));
    }

    /// <summary>Forward with the hooks around it, which see the input and the first states, and all states and the last.</summary>
    /// <inheritdoc cref="Forward(Tensor, Tensor?)"/>
    public (Tensor Output, Tensor H) Call(Tensor input, Tensor? hx = null) => Invoke([input, hx], x => Forward(x[0]!, x[1]));

    /// <inheritdoc cref="Call(Tensor, Tensor?)"/>
    public (PackedSequence Output, Tensor H) Call(PackedSequence input, Tensor? hx = null) => Invoke([input.Data, hx],
        x => Forward(input with { Data = x[0]! }, x[1]), y => [y.Output.Data, y.H], (y, t) => (y.Output with { Data = t[0]! }, t[1]!));
}
