using System.Globalization;
using System.Text;

namespace Flambeau.Nn;

/// <summary>
/// A network at a glance: its layers with the shapes that go in and come out, parameters, multiply-adds and memory. What the packages
/// <c>torchinfo</c> and <c>torchsummary</c> do for PyTorch.
/// </summary>
/// <remarks>
/// The network is run once on the meta device, where nothing is computed and nothing takes memory, in evaluation mode and without recording; one
/// whose shapes depend on values is run as it is. Afterwards it is what it was: parameters, buffers, modes, lazy modules, random numbers.
/// Multiply-adds are counted for each operation, so that layers count whose Forward was called directly: an operation belongs to the module whose
/// parameter it reads, else to the innermost module that is being called.
/// </remarks>
/// <example><code>
/// Console.WriteLine(Summary.Of(net, 1, 3, 224, 224));
/// Console.WriteLine(Summary.Of(transformer, t => t.Call(src, tgt)));
/// </code></example>
public sealed partial class Summary
{
    /// <summary>A module of the network. What a row counts is the module's own; what it has inside stands in rows of its own, so that columns add up to the totals.</summary>
    /// <param name="Name">The name it is registered under in its parent; "" for the network.</param>
    /// <param name="Path">The names from the network down to it, with dots.</param>
    /// <param name="Type">What it is.</param>
    /// <param name="Depth">How many modules it lies in.</param>
    /// <param name="Calls">How often it was called; 0 also if its Forward was called directly.</param>
    /// <param name="Inputs">The shapes that went in, at the first call.</param>
    /// <param name="Outputs">The shapes that came out, at the first call.</param>
    /// <param name="Parameters">The elements of its parameters; those that stood in a row above do not count again.</param>
    /// <param name="TrainableParameters">Those among them that require gradients.</param>
    /// <param name="MultiplyAdds">Products added up, in all calls.</param>
    /// <param name="ActivationBytes">What its operations made, in all calls.</param>
    public sealed record Row(string Name, string Path, string Type, int Depth, int Calls, IReadOnlyList<Dims> Inputs, IReadOnlyList<Dims> Outputs, long Parameters,
        long TrainableParameters, long MultiplyAdds, long ActivationBytes);

    Summary(IReadOnlyList<Row> rows, long inputBytes, long parameterBytes, long bufferBytes) =>
        (Rows, InputBytes, ParameterBytes, BufferBytes) = (rows, inputBytes, parameterBytes, bufferBytes);

    /// <summary>The network and all modules inside, each once: parents before children.</summary>
    public IReadOnlyList<Row> Rows { get; }

    /// <summary>The elements of all parameters, shared ones once.</summary>
    public long TotalParameters => Rows.Sum(r => r.Parameters);

    /// <summary>The elements of the parameters that require gradients.</summary>
    public long TrainableParameters => Rows.Sum(r => r.TrainableParameters);

    /// <summary>The products that a forward pass adds up. Twice as many floating-point operations.</summary>
    public long MultiplyAdds => Rows.Sum(r => r.MultiplyAdds);

    /// <summary>The bytes of the inputs.</summary>
    public long InputBytes { get; }

    /// <summary>The bytes of the parameters.</summary>
    public long ParameterBytes { get; }

    /// <summary>The bytes of the buffers.</summary>
    public long BufferBytes { get; }

    /// <summary>The bytes of all that a forward pass makes; views make nothing. Without recording, most of it is free again soon.</summary>
    public long ForwardBytes => Rows.Sum(r => r.ActivationBytes);

    /// <summary>An upper estimate of what a forward and a backward pass hold: all that was made, and as much again of gradients.</summary>
    public long ForwardBackwardBytes => 2 * ForwardBytes;

    /// <summary>Inputs, parameters, buffers, forward and backward pass. Gradients of parameters and an optimizer's state come on top.</summary>
    public long TotalBytes => InputBytes + ParameterBytes + BufferBytes + ForwardBackwardBytes;

    /// <summary>The summary of a network for one input.</summary>
    /// <param name="model">The network.</param>
    /// <param name="input">The input; only its shape and type matter.</param>
    public static Summary Of(UnaryModule model, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor meta = input.Device.IsMeta ? input : Tensor.Empty(new TensorSpec(input.Shape, input.DType, Device.Meta));
        return new Run(model).Summarize(isMeta => model.Call(isMeta ? meta : input), Bytes(input));
    }

    /// <summary>The summary of a network for an input of this shape, of the type of the first parameter.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputSize">The shape of the input, with the batch.</param>
    public static Summary Of(UnaryModule model, params ReadOnlySpan<long> inputSize)
    {
        ArgumentNullException.ThrowIfNull(model);
        TensorSpec spec = new(new Dims(inputSize.ToArray()), model.Parameters().FirstOrDefault()?.DType ?? DType.Float32, Device.Meta);
        return new Run(model).Summarize(isMeta => model.Call(isMeta ? Tensor.Empty(spec) : Tensor.Zeros(spec.Shape, spec.DType)), spec.Shape.Count * spec.DType.ItemSize);
    }

    /// <summary>The summary of a network of any signature.</summary>
    /// <param name="model">The network.</param>
    /// <param name="call">Calls it: <c>m => m.Call(a, b)</c>, or <c>m => m.Forward(a, b)</c>.</param>
    public static Summary Of<TModule>(TModule model, Action<TModule> call) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(call);
        return new Run(model).Summarize(_ => call(model), null);
    }

    static long Bytes(Tensor t) => t.Count * t.DType.ItemSize;

    /// <summary>The table, with all modules.</summary>
    public override string ToString() => Table();

    /// <summary>The table.</summary>
    /// <param name="depth">How deep it goes; what lies deeper counts for the module it lies in.</param>
    public string Table(int depth = int.MaxValue)
    {
        List<string[]> cells = [["Layer", "Input shape", "Output shape", "Parameters", "Multiply-adds"]];
        for (int i = 0; i < Rows.Count; i++)
        {
            Row r = Rows[i];
            if (r.Depth > depth) continue;
            IEnumerable<Row> counted = r.Depth < depth ? [r] : Rows.Skip(i + 1).TakeWhile(x => x.Depth > r.Depth).Prepend(r);
            string name = (r.Name.Length == 0 ? r.Type : $"{r.Name}: {r.Type}") + (r.Calls > 1 ? $" × {r.Calls}" : "");
            cells.Add([Branch(i) + name, Shapes(r.Inputs), Shapes(r.Outputs), Number(counted.Sum(x => x.Parameters)), Number(counted.Sum(x => x.MultiplyAdds))]);
        }
        StringBuilder s = new(TextTable.Of(cells, rightFrom: 3));
        Write(s, $"Parameters: {TotalParameters:N0}, {TrainableParameters:N0} of them trainable\n");
        Write(s, $"Multiply-adds: {MultiplyAdds:N0}\n");
        s.Append("Memory: ").Append(Memory.Format(TotalBytes)).Append(" = input ").Append(Memory.Format(InputBytes)).Append(" + parameters ").Append(Memory.Format(ParameterBytes))
            .Append(" + buffers ").Append(Memory.Format(BufferBytes)).Append(" + forward and backward ").Append(Memory.Format(ForwardBackwardBytes)).Append('\n');
        return s.ToString();

        string Branch(int i)
        {
            if (Rows[i].Depth == 0) return "";
            StringBuilder b = new();
            for (int d = 1; d <= Rows[i].Depth; d++)
            {
                bool more = Rows.Skip(i + 1).TakeWhile(x => x.Depth >= d).Any(x => x.Depth == d);
                b.Append(d == Rows[i].Depth ? more ? "├─ " : "└─ " : more ? "│  " : "   ");
            }
            return b.ToString();
        }

        static string Shapes(IReadOnlyList<Dims> shapes) => shapes.Count == 0 ? "–" : string.Join(", ", shapes);

        static string Number(long n) => n == 0 ? "–" : n.ToString("N0", CultureInfo.InvariantCulture);
    }

    static void Write(StringBuilder s, FormattableString line) => s.Append(line.ToString(CultureInfo.InvariantCulture));
}
