// A multilayer perceptron on 1,797 handwritten digits, in a plain loop: dotnet run -c Release --project samples/Digits
using System.IO.Compression;
using Flambeau;
using Flambeau.Datasets;
using Flambeau.Nn;
using Flambeau.Optim;

Generator.ManualSeed(0);
(Tensor x, Tensor y) = Read(Path.Combine(AppContext.BaseDirectory, "data", "digits.csv.gz"));                  // (1797, 64), (1797,)
DataLoader<(Tensor, Tensor)> train = new(new TensorDataset(x[..1500], y[..1500]), batchSize: 64, shuffle: true);

Sequential model = new(new Linear(64, 64), new Relu(), new Linear(64, 10));
Adam optimizer = new(model.Parameters(), lr: 3e-3);
for (int epoch = 1; epoch <= 20; epoch++)
{
    double sum = 0;
    foreach ((Tensor input, Tensor target) in train)
    {
        Tensor loss = F.CrossEntropy(model.Call(input), target);
        optimizer.ZeroGrad();
        loss.Backward();
        optimizer.Step();
        sum += loss.Item<double>();
    }
    using var _ = Autograd.NoGrad();
    double accuracy = model.Call(x[1500..]).ArgMax(1).Eq(y[1500..]).To(DType.Float32).Mean().Item<double>();
    Console.WriteLine($"epoch {epoch,2}  loss {sum / train.Count:F4}  test accuracy {accuracy:P1}");
}

static (Tensor, Tensor) Read(string path)
{
    using StreamReader lines = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
    float[][] rows = [.. lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',').Select(float.Parse).ToArray())];
    Tensor all = Tensor.From(rows.SelectMany(r => r).ToArray()).Reshape(rows.Length, 65);
    return (all[TensorIndex.All, ..64] / 16, all[TensorIndex.All, 64].Long());                                  // 64 pixels of 0…16, then the label
}
