// An LSTM that reads handwritten digits row by row, top to bottom, as a sequence of eight rows: dotnet run -c Release --project samples/RowLstm
using System.IO.Compression;
using Flambeau;
using Flambeau.Datasets;
using Flambeau.Nn;
using Flambeau.Optim;

Generator.ManualSeed(0);
using StreamReader lines = new(new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", "digits.csv.gz")), CompressionMode.Decompress));
float[][] rows = [.. lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',').Select(float.Parse).ToArray())];
Tensor all = Tensor.From(rows.SelectMany(r => r).ToArray()).Reshape(rows.Length, 65);
Tensor x = (all[TensorIndex.All, ..64] / 16).Reshape(-1, 8, 8), y = all[TensorIndex.All, 64].Long();            // (N, rows, pixels), (N,)

RowReader model = new();
AdamW optimizer = new(model.Parameters(), lr: 5e-3);
CosineAnnealingLR scheduler = new(optimizer, tMax: 40);
DataLoader<(Tensor, Tensor)> train = new(new TensorDataset(x[..1500], y[..1500]), batchSize: 50, shuffle: true);
for (int epoch = 1; epoch <= 40; epoch++)
{
    model.Train();
    double sum = 0;
    foreach ((Tensor input, Tensor target) in train)
    {
        Tensor loss = F.CrossEntropy(model.Call(input), target);
        optimizer.ZeroGrad();
        loss.Backward();
        ClipGrad.NormInPlace(model.Parameters(), 1);
        optimizer.Step();
        sum += loss.Item<double>();
    }
    scheduler.Step();
    model.Eval();
    using var _ = Autograd.NoGrad();
    double accuracy = model.Call(x[1500..]).ArgMax(1).Eq(y[1500..]).To(DType.Float32).Mean().Item<double>();
    Console.WriteLine($"epoch {epoch,2}  loss {sum / train.Count:F4}  test accuracy {accuracy:P1}");
}

/// <summary>The last hidden state of an LSTM over the rows, then a classifier.</summary>
sealed class RowReader : UnaryModule
{
    public Lstm Lstm { get; } = new(8, 96, batchFirst: true);

    public Linear Head { get; } = new(96, 10);

    public override Tensor Forward(Tensor x)                                                                     // (N, 8, 8) → (N, 10)
    {
        (Tensor output, _) = Lstm.Call(x);                                                                       // (N, 8, 96)
        return Head.Call(output[TensorIndex.All, ^1]);
    }
}
