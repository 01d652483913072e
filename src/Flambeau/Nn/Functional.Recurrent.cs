using Flambeau.Ops;

namespace Flambeau.Nn;

// Recurrent networks. Weights come as PyTorch's flat list: for each layer and direction w_ih, w_hh, then b_ih, b_hh if there are biases,
// then w_hr if an LSTM's states are projected. Gates are ordered i, f, g, o in an LSTM and r, z, n in a GRU.
public static partial class F
{
    /// <summary>One step of an LSTM. PyTorch's <c>lstm_cell</c>.</summary>
    /// <param name="input">(N, in) or (in,).</param>
    /// <param name="hx">State h and cell c, each (N, H) or (H,).</param>
    /// <param name="wIh">(4H, in).</param>
    /// <param name="wHh">(4H, H).</param>
    /// <param name="bIh">(4H,).</param>
    /// <param name="bHh">(4H,).</param>
    /// <returns>The next h and c.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static (Tensor H, Tensor C) LstmCell(Tensor input, (Tensor H, Tensor C) hx, Tensor wIh, Tensor wHh, Tensor? bIh = null, Tensor? bHh = null)
    {
        CheckCell("LstmCell", input, [hx.H, hx.C], wIh, wHh, 4);
        Tensor[] y = Op.ApplyAll(LstmGates.Instance, Linear(input, wIh, bIh), Linear(hx.H, wHh, bHh), hx.C);
        return (y[0], y[1]);
    }

    /// <summary>One step of a GRU. PyTorch's <c>gru_cell</c>.</summary>
    /// <param name="input">(N, in) or (in,).</param>
    /// <param name="hx">The state, (N, H) or (H,).</param>
    /// <param name="wIh">(3H, in).</param>
    /// <param name="wHh">(3H, H).</param>
    /// <param name="bIh">(3H,).</param>
    /// <param name="bHh">(3H,).</param>
    /// <returns>The next state.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor GruCell(Tensor input, Tensor hx, Tensor wIh, Tensor wHh, Tensor? bIh = null, Tensor? bHh = null)
    {
        CheckCell("GruCell", input, [hx], wIh, wHh, 3);
        return Op.ApplyAll(GruGates.Instance, Linear(input, wIh, bIh), Linear(hx, wHh, bHh), hx)[0];
    }

    /// <summary>One step of a simple recurrence: tanh(w_ih x + b_ih + w_hh h + b_hh). PyTorch's <c>rnn_tanh_cell</c>.</summary>
    /// <param name="input">(N, in) or (in,).</param>
    /// <param name="hx">The state, (N, H) or (H,).</param>
    /// <param name="wIh">(H, in).</param>
    /// <param name="wHh">(H, H).</param>
    /// <param name="bIh">(H,).</param>
    /// <param name="bHh">(H,).</param>
    /// <returns>The next state.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor RnnTanhCell(Tensor input, Tensor hx, Tensor wIh, Tensor wHh, Tensor? bIh = null, Tensor? bHh = null)
    {
        CheckCell("RnnTanhCell", input, [hx], wIh, wHh, 1);
        return (Linear(input, wIh, bIh) + Linear(hx, wHh, bHh)).Tanh();
    }

    /// <summary>As <see cref="RnnTanhCell"/> with max(·, 0). PyTorch's <c>rnn_relu_cell</c>.</summary>
    /// <inheritdoc cref="RnnTanhCell"/>
    public static Tensor RnnReluCell(Tensor input, Tensor hx, Tensor wIh, Tensor wHh, Tensor? bIh = null, Tensor? bHh = null)
    {
        CheckCell("RnnReluCell", input, [hx], wIh, wHh, 1);
        return (Linear(input, wIh, bIh) + Linear(hx, wHh, bHh)).Relu();
    }

    static void CheckCell(string op, Tensor input, ReadOnlySpan<Tensor> states, Tensor wIh, Tensor wHh, long gates)
    {
        if (wHh.Rank != 2 || wIh.Rank != 2 || wHh.Shape[0] != wIh.Shape[0] || wHh.Shape[0] % gates != 0)
            throw new ArgumentException($"{op}: weights of shapes {wIh.Shape} and {wHh.Shape} do not fit: they are ({gates}H, in) and ({gates}H, H).");
        if (input.Rank is not (1 or 2)) throw new ArgumentException($"{op}: the input has shape {input.Shape}; it must be (N, in) or (in,).");
        for (int i = 0; i < states.Length; i++)
        {
            Dims want = [.. input.Shape.Span[..^1], i == 0 ? wHh.Shape[1] : wHh.Shape[0] / gates];
            if (states[i].Shape != want)
                throw new ArgumentException($"{op}: for an input of shape {input.Shape}, the {(i == 0 ? "state h" : "cell c")} must have shape {want}, not {states[i].Shape}.");
        }
    }

    /// <summary>An LSTM over sequences. PyTorch's <c>lstm</c> (Hochreiter, Schmidhuber 1997).</summary>
    /// <param name="input">(T, N, in), or (T, in); with <paramref name="batchFirst"/> (N, T, in).</param>
    /// <param name="hx">The first states h, (layers · directions, N, H or projected), and cells c, (layers · directions, N, H); zeros if null.</param>
    /// <param name="weights">The flat list of weights.</param>
    /// <param name="hasBiases">Whether there are biases in it.</param>
    /// <param name="numLayers">How many layers.</param>
    /// <param name="dropout">The probability of dropping a layer's result before the next.</param>
    /// <param name="training">Whether anything is dropped.</param>
    /// <param name="bidirectional">Whether each layer also runs backward, its states beside the others.</param>
    /// <param name="batchFirst">Whether the batch is the first axis.</param>
    /// <returns>All states of the last layer, (T, N, directions · H), and the last h and c of every layer.</returns>
    /// <exception cref="ArgumentException">Shapes, types or the number of weights do not fit.</exception>
    public static (Tensor Output, Tensor H, Tensor C) Lstm(Tensor input, (Tensor H, Tensor C)? hx, IReadOnlyList<Tensor> weights,
        bool hasBiases = true, int numLayers = 1,
        double dropout = 0, bool training = false, bool bidirectional = false, bool batchFirst = false)
    {
        Tensor[] y = Layers(RecurrentKind.Lstm, input, hx?.H, hx?.C, weights, hasBiases, numLayers, dropout, training, bidirectional, batchFirst);
        return (y[0], y[1], y[2]);
    }

    /// <summary>A GRU over sequences. PyTorch's <c>gru</c> (Cho et al. 2014).</summary>
    /// <inheritdoc cref="RnnTanh"/>
    public static (Tensor Output, Tensor H) Gru(Tensor input, Tensor? hx, IReadOnlyList<Tensor> weights, bool hasBiases = true, int numLayers = 1,
        double dropout = 0, bool training = false, bool bidirectional = false, bool batchFirst = false)
    {
        Tensor[] y = Layers(RecurrentKind.Gru, input, hx, null, weights, hasBiases, numLayers, dropout, training, bidirectional, batchFirst);
        return (y[0], y[1]);
    }

    /// <summary>A simple recurrent network over sequences, with tanh. PyTorch's <c>rnn_tanh</c> (Elman 1990).</summary>
    /// <param name="input">(T, N, in), or (T, in); with <paramref name="batchFirst"/> (N, T, in).</param>
    /// <param name="hx">The first states, (layers · directions, N, H); zeros if null.</param>
    /// <param name="weights">The flat list of weights.</param>
    /// <param name="hasBiases">Whether there are biases in it.</param>
    /// <param name="numLayers">How many layers.</param>
    /// <param name="dropout">The probability of dropping a layer's result before the next.</param>
    /// <param name="training">Whether anything is dropped.</param>
    /// <param name="bidirectional">Whether each layer also runs backward, its states beside the others.</param>
    /// <param name="batchFirst">Whether the batch is the first axis.</param>
    /// <returns>All states of the last layer, (T, N, directions · H), and the last states of every layer.</returns>
    /// <exception cref="ArgumentException">Shapes, types or the number of weights do not fit.</exception>
    public static (Tensor Output, Tensor H) RnnTanh(Tensor input, Tensor? hx, IReadOnlyList<Tensor> weights, bool hasBiases = true,
        int numLayers = 1, double dropout = 0, bool training = false, bool bidirectional = false, bool batchFirst = false)
    {
        Tensor[] y = Layers(RecurrentKind.Tanh, input, hx, null, weights, hasBiases, numLayers, dropout, training, bidirectional, batchFirst);
        return (y[0], y[1]);
    }

    /// <summary>As <see cref="RnnTanh"/> with max(·, 0). PyTorch's <c>rnn_relu</c>.</summary>
    /// <inheritdoc cref="RnnTanh"/>
    public static (Tensor Output, Tensor H) RnnRelu(Tensor input, Tensor? hx, IReadOnlyList<Tensor> weights, bool hasBiases = true,
        int numLayers = 1, double dropout = 0, bool training = false, bool bidirectional = false, bool batchFirst = false)
    {
        Tensor[] y = Layers(RecurrentKind.Relu, input, hx, null, weights, hasBiases, numLayers, dropout, training, bidirectional, batchFirst);
        return (y[0], y[1]);
    }

    static Tensor[] Layers(RecurrentKind cell, Tensor input, Tensor? h0, Tensor? c0, IReadOnlyList<Tensor> weights, bool hasBiases, int numLayers,
        double dropout, bool training, bool bidirectional, bool batchFirst)
    {
        Tensor?[] cast = [input, h0, c0, .. weights];
        using var autocast = Amp.Enter("rnn_layer", cast);
        (input, h0, c0, weights) = (cast[0]!, cast[1], cast[2], cast[3..]!);
        int directions = bidirectional ? 2 : 1, runs = numLayers * directions, each = 2 + (hasBiases ? 2 : 0);
        bool projects = cell == RecurrentKind.Lstm && weights.Count == runs * (each + 1), single = input.Rank == 2;
        if (projects) each++;
        if (weights.Count != runs * each)
            throw new ArgumentException($"{cell}: {numLayers} layers in {directions} directions {(hasBiases ? "with" : "without")} biases take {runs * each} weights, not {weights.Count}.");
        if (input.Rank is not (2 or 3) || input.Shape[^1] != weights[0].Shape[^1])
            throw new ArgumentException($"{cell}: an input of shape {input.Shape} does not fit a first weight of shape {weights[0].Shape}: it must be (T, N, {weights[0].Shape[^1]}) or (T, {weights[0].Shape[^1]}).");
        if (single) input = input.Unsqueeze(1);
        else if (batchFirst) input = input.Transpose(0, 1);
        long batch = input.Shape[1], width = weights[1].Shape[0] / RecurrentLayer.Gates(cell), state = weights[1].Shape[1];
        Tensor[] h = First(h0, state), c = cell == RecurrentKind.Lstm ? First(c0, width) : [];
        if (input.Shape[0] == 0) throw new ArgumentException($"{cell}: the sequence is empty: {input.Shape}.");

        Tensor x = input;
        for (int layer = 0; layer < numLayers; layer++)
        {
            if (layer > 0) x = Dropout(x, dropout, training);
            var outputs = new Tensor[directions];
            for (int d = 0; d < directions; d++)
            {
                int run = layer * directions + d;
                Tensor[] w = [.. weights.Skip(run * each).Take(each)];
                outputs[d] = Run(cell, x, w, hasBiases, projects, reverse: d == 1, ref h[run], ref c.Length > 0 ? ref c[run] : ref h[run]);
            }
            x = directions == 1 ? outputs[0] : Tensor.Cat(outputs, -1);
        }
        if (single) x = x.Squeeze(1);
        else if (batchFirst) x = x.Transpose(0, 1);
        Tensor All(Tensor[] states) => single ? Tensor.Stack(states).Squeeze(1) : Tensor.Stack(states);
        return c.Length > 0 ? [x, All(h), All(c)] : [x, All(h)];

        Tensor[] First(Tensor? given, long size)
        {
            if (given is null) return [.. Enumerable.Repeat(Tensor.Zeros([batch, size], input.DType), runs)];
            if (single && given.Rank == 2) given = given.Unsqueeze(1);
            if (given.Shape != new Dims([runs, batch, size]))
                throw new ArgumentException($"{cell}: a first state of shape {given.Shape} does not fit; it must be ({runs}, {(single ? "" : $"{batch}, ")}{size}).");
            return [.. Enumerable.Range(0, runs).Select(i => given.Select(0, i))];
        }
    }

    // One layer in one direction. The input's share of all gates is one product, all time steps are one operation; h and c are first and become last.
    static Tensor Run(RecurrentKind kind, Tensor x, Tensor[] w, bool hasBiases, bool projects, bool reverse, ref Tensor h, ref Tensor c)
    {
        Tensor? bias = hasBiases ? w[2] : null, own = hasBiases ? w[3] : null;
        if (own is not null && kind != RecurrentKind.Gru) (bias, own) = (bias! + own, null);       // r multiplies a GRU's by itself
        Tensor gates = Linear(x, w[0], bias);
        if (projects || !gates.DType.IsFloatingPoint) return RecurrentLayer.Compose(kind, reverse, gates, w[1], own, projects ? w[^1] : null, ref h, ref c);
        bool keeps = gates.IsTracked || h.IsTracked || w[1].IsTracked || c.IsTracked || own is { IsTracked: true };
        RecurrentLayer layer = new(kind, reverse, keeps);
        Tensor[] y = kind == RecurrentKind.Lstm ? Op.ApplyAll(layer, gates, h, w[1], c) : own is null ? Op.ApplyAll(layer, gates, h, w[1]) : Op.ApplyAll(layer, gates, h, w[1], own);
        if (!keeps && Modes.Current is null) gates.Dispose();                                      // the next layer's take its place, which is still in the cache
        h = y[1];
        if (kind == RecurrentKind.Lstm) c = y[2];
        return y[0];
    }
}
