// Learns to learn: a sinusoid from ten points, in one gradient step (MAML): dotnet run -c Release --project samples/Maml
using System.Diagnostics;
using Flambeau;
using Flambeau.Optim;
using Flambeau.Samples.Maml;
using Flambeau.Training.Plots;

if (args.Length > 0)
{
    Console.Error.WriteLine("usage: Maml: learns parameters from which ten points of any sinusoid are learned at once, and draws one such in runs/Maml.png.");
    return args is ["--help" or "-h"] ? 0 : 2;
}
const int steps = 10_000, tasks = 25, shots = 10, most = 10;
const double rate = 0.01, promisedOne = 0.8, promisedTen = 0.3, promisedRatio = 5;

Generator.ManualSeed(0);
Stopwatch watch = Stopwatch.StartNew();
Console.WriteLine("learning to learn: the error of new points after one step of gradient descent, and its gradient through that step");
Tensor[] meta = Train((p, s) =>
{
    (Tensor x, Tensor y) = s.Points(shots);
    (Tensor newX, Tensor newY) = s.Points(shots);
    return Learner.Loss(Learner.Adapt(p, x, y, rate, createGraph: true), newX, newY).Mean();
});
Console.WriteLine("learning, for comparison: the error of points of all sinusoids, with the same network");
Tensor[] joint = Train((p, s) =>
{
    (Tensor x, Tensor y) = s.Points(shots);
    return Learner.Loss(p, x, y).Mean();
});

Sinusoids unseen = Sinusoids.Draw(1000);
(Tensor shotX, Tensor shotY) = unseen.Points(shots);                                            // (1000, shots, 1)
Tensor grid = Tensor.Linspace(-5, 5, 101).Reshape(1, 101, 1), truth = unseen.At(grid);          // (1, 101, 1), (1000, 101, 1)
(double[] Error, Tensor[] Path) ours = Learn(meta, rate);
// The comparison may take the step size that suits it best.
(double[] Error, Tensor[] Path) theirs = new[] { 0.001, 0.002, 0.005, 0.01, 0.02 }.Select(r => Learn(joint, r)).MinBy(l => l.Error[most]);
foreach (int n in (int[])[0, 1, most]) Console.WriteLine($"after {n,2} steps on 1,000 new sinusoids: mean squared error {ours.Error[n]:F3}, for comparison {theirs.Error[n]:F3}");

Directory.CreateDirectory("runs");
int example = (int)unseen.Amplitude.Flatten().ArgMax().Item<long>();                             // the largest: far from what is known before
LineChart one = new LineChart { Title = $"a new sinusoid and {shots} of its points", XLabel = "x" }
    .Add("the sinusoid", Row(grid, 0), Row(truth, example))
    .Add("its points", Apart(Row(shotX, example)), Apart(Row(shotY, example)))
    .Add("MAML, before", Row(grid, 0), Row(ours.Path[0], example), LineStyle.Dotted)
    .Add("1 step", Row(grid, 0), Row(ours.Path[1], example), LineStyle.Dashed)
    .Add($"{most} steps", Row(grid, 0), Row(ours.Path[most], example))
    .Add($"comparison, {most} steps", Row(grid, 0), Row(theirs.Path[most], example), LineStyle.Dashed);
LineChart all = new() { Title = "1,000 new sinusoids", XLabel = "gradient steps", YLabel = "mean squared error", LogY = true };
double[] counts = [.. Enumerable.Range(0, most + 1).Select(n => (double)n)];
all.Add("MAML", counts, ours.Error).Add("comparison", counts, theirs.Error, LineStyle.Dashed);
Chart.Row("Learning to learn", [one, all]).SavePng("runs/Maml.png");

double ratio = theirs.Error[most] / ours.Error[most];
bool reached = ours.Error[1] <= promisedOne && ours.Error[most] <= promisedTen && ratio >= promisedRatio;
Console.WriteLine($"{(reached ? "Reached" : "NOT REACHED")}: error {ours.Error[1]:F3} after one step, {ours.Error[most]:F3} after {most}, {ratio:F1} times less than without; "
    + $"promised were {promisedOne}, {promisedTen} and {promisedRatio}. {watch.Elapsed.TotalSeconds:F1} s.");
return reached ? 0 : 1;

static Tensor[] Train(Func<Tensor[], Sinusoids, Tensor> loss)
{
    Tensor[] p = Learner.Start();
    Adam optimizer = new(p);
    OneCycleLR scheduler = new(optimizer, maxLr: 2e-3, totalSteps: steps);
    double sum = 0;
    for (int step = 1; step <= steps; step++)
    {
        Tensor l = loss(p, Sinusoids.Draw(tasks));
        optimizer.ZeroGrad();
        l.Backward();
        optimizer.Step();
        scheduler.Step();
        sum += l.Item<double>();
        if (step % 2000 != 0) continue;
        Console.WriteLine($"step {step,6:N0}  loss {sum / 2000:F3}");
        sum = 0;
    }
    return p;
}

// Fits the new sinusoids, each by itself: the error after 0, 1, … steps, and what is predicted on the grid.
(double[] Error, Tensor[] Path) Learn(Tensor[] p, double rate)
{
    var (error, path) = (new double[most + 1], new Tensor[most + 1]);
    for (int n = 0; n <= most; n++)
    {
        using (Autograd.InferenceMode()) path[n] = Learner.Call(p, grid).Expand(truth.Shape);
        error[n] = (path[n] - truth).Square().Mean().Item<double>();
        p = Learner.Adapt(p, shotX, shotY, rate);
    }
    return (error, path);
}

static double[] Row(Tensor t, int task) => [.. t[task].Flatten().ToArray<float>().Select(v => (double)v)];

// Gaps between numbers: a point that stands alone is drawn as a dot.
static double[] Apart(double[] values) => [.. values.SelectMany(v => (double[])[v, double.NaN])];
