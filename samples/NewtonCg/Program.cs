// Newton's method by products with the Hessian, on handwritten digits: dotnet run -c Release --project samples/NewtonCg
using System.Diagnostics;
using System.IO.Compression;
using Flambeau;
using Flambeau.Nn;
using Flambeau.Samples.NewtonCg;
using Flambeau.Training.Plots;

if (args.Length > 0)
{
    Console.Error.WriteLine("usage: NewtonCg: minimizes a classifier's loss by Newton's method and, for comparison, by gradient descent, and draws both in runs/NewtonCg.png.");
    return args is ["--help" or "-h"] ? 0 : 2;
}
const double promised = 1e-9;
const int most = 15;

using StreamReader lines = new(new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", "digits.csv.gz")), CompressionMode.Decompress));
double[][] rows = [.. lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',').Select(double.Parse).ToArray())];
Tensor all = Tensor.From(rows.SelectMany(r => r).ToArray()).Reshape(rows.Length, 65);
Tensor x = all[TensorIndex.All, ..64] / 16, y = all[TensorIndex.All, 64].Long();                // (1797, 64), (1797,)

// Cross-entropy of a linear classifier with a small square penalty: it has one minimum, and 640 variables.
Tensor Loss(Tensor w) => F.CrossEntropy(x[..1500].MatMul(w), y[..1500]) + 5e-4 * w.Square().Sum();

Stopwatch watch = Stopwatch.StartNew();
Tensor w = Tensor.Zeros([64, 10], DType.Float64);
List<double> newtonCost = [], newtonSize = [];
int cost = 0;                                                                                   // in gradients; a product counts as one
for (int step = 0; step <= most && (step == 0 || newtonSize[^1] > promised); step++)
{
    (Tensor next, Tensor g, int products) = Newton.Step(Loss, w);
    newtonCost.Add(++cost);
    newtonSize.Add(g.Norm().Item<double>());
    Console.WriteLine($"step {step,2}  loss {Loss(w).Item<double>():F12}  gradient {newtonSize[^1]:E1}  then {products} products");
    (w, cost) = (next, cost + products);
}

Tensor v = Tensor.Zeros([64, 10], DType.Float64);
Func<Tensor, Tensor> gradient = Func.Grad(Loss);
List<double> descent = [];
for (int step = 0; step < cost; step++)
{
    Tensor g = gradient(v);
    descent.Add(g.Norm().Item<double>());
    v -= g;
}

double accuracy = x[1500..].MatMul(w).ArgMax(1).Eq(y[1500..]).Double().Mean().Item<double>();
Console.WriteLine($"gradient descent, for the same {cost:N0} gradients: {descent[^1]:E1}; {accuracy:P1} of the test digits right");
Directory.CreateDirectory("runs");
new LineChart { Title = "To the minimum", XLabel = "gradients computed; a product with the Hessian counts as one", YLabel = "size of the gradient", LogY = true }
    .Add("Newton, conjugate gradients", [.. newtonCost], [.. newtonSize]).Add("gradient descent", [.. descent]).SavePng("runs/NewtonCg.png");
bool reached = newtonSize[^1] <= promised;
Console.WriteLine($"{(reached ? "Reached" : "NOT REACHED")}: a gradient of {newtonSize[^1]:E1} after {newtonSize.Count - 1} steps; promised were {promised:E0} after at most {most}. {watch.Elapsed.TotalSeconds:F1} s.");
return reached ? 0 : 1;
