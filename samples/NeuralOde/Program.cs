// A network becomes the right side of a differential equation, and learns a spiral from its track: dotnet run -c Release --project samples/NeuralOde
using System.Diagnostics;
using Flambeau;
using Flambeau.Nn;
using Flambeau.Optim;
using Flambeau.Samples.NeuralOde;
using Flambeau.Training.Plots;

if (args.Length > 0)
{
    Console.Error.WriteLine("usage: NeuralOde: learns the equation of a spiral from its track, and draws what it learned in runs/NeuralOde.png.");
    return args is ["--help" or "-h"] ? 0 : 2;
}
const double h = 0.05;                                                                          // seconds between points
const int points = 400, segment = 10;
const double promised = 0.1, agreement = 1e-6;

Tensor.DefaultDType = DType.Float64;
Generator.ManualSeed(0);
Tensor a = Tensor.From(new[,] { { -0.1, 2 }, { -2, -0.1 } }), starts = Tensor.From(new[,] { { 1.5, 0 }, { 0.3, 1.3 }, { -0.9, -0.9 } });
Tensor truth = Ode.Solve(y => y.Pow(3).MatMul(a), starts, h, points);                           // dy/dt = y³ A: (points + 1, 3, 2); the first is learned from
Tensor track = truth[TensorIndex.All, 0].Unfold(0, segment + 1, segment).Permute(2, 0, 1);      // cut up: (segment + 1, segments, 2)

Sequential field = new(new Linear(2, 32), new Tanh(), new Linear(32, 32), new Tanh(), new Linear(32, 2));
Parameter[] parameters = [.. field.Parameters()];

// The gradient through the solver is exact for the solver, that of the adjoint method for the equation: they agree to the solver's error.
Tensor?[] through = Autograd.Grad([F.MseLoss(Ode.Solve(field.Call, track[0], h, segment), track)], parameters);
Tensor?[] adjoint = Autograd.Grad([F.MseLoss(new AdjointOde(field, h, segment).Solve(track[0]), track)], parameters);
double difference = through.Zip(adjoint, (t, g) => ((t! - g!).Norm() / t!.Norm()).Item<double>()).Max();
Console.WriteLine($"gradients through the solver and by the adjoint method differ by {difference:E1}");

(Tensor before, double[] first) = Drive();
Lbfgs optimizer = new(parameters, toleranceChange: 1e-14, historySize: 20, lineSearchFn: "strong_wolfe");
Stopwatch watch = Stopwatch.StartNew();
for (int step = 1; step <= 60; step++)
{
    Tensor loss = optimizer.Step(() =>
    {
        optimizer.ZeroGrad();
        Tensor loss = F.MseLoss(Ode.Solve(field.Call, track[0], h, segment), track);             // each segment from its first point on
        loss.Backward();
        return loss;
    });
    if (step % 10 == 0) Console.WriteLine($"step {step,2}  loss {loss.Item<double>():E2}");
}

(Tensor after, double[] last) = Drive();
string[] names = ["the start it learned from", "a start it never saw", "another"];
for (int i = 0; i < last.Length; i++) Console.WriteLine($"{points * h:F0} s from {names[i]}: {last[i]:F3} from the track on average, {first[i]:F3} before");
Directory.CreateDirectory("runs");
Chart.Row("Neural ODE", [Draw(0, before, "before"), Draw(0, after, "after"), Draw(1, after, "after, from a start it never saw")]).SavePng("runs/NeuralOde.png");
bool reached = last.Max() <= promised && difference <= agreement;
Console.WriteLine($"{(reached ? "Reached" : "NOT REACHED")}: at most {last.Max():F3} from the track, gradients agree to {difference:E1}; promised were {promised} and {agreement:E0}. {watch.Elapsed.TotalSeconds:F1} s.");
return reached ? 0 : 1;

// From each start all the way: the path (points + 1, 3, 2), and its average distance from the true one.
(Tensor Path, double[] Distance) Drive()
{
    using var _ = Autograd.InferenceMode();
    Tensor path = Ode.Solve(field.Call, starts, h, points);
    return (path, (path - truth).Norm(2, [2]).Mean([0]).ToArray<double>());
}

LineChart Draw(int start, Tensor path, string title) => new LineChart { Title = title }
    .Add("spiral", Column(truth, start, 0), Column(truth, start, 1)).Add("network", Column(path, start, 0), Column(path, start, 1), LineStyle.Dashed);

static double[] Column(Tensor path, int start, int axis) => path[TensorIndex.All, start, axis].ToArray<double>();
