// An agent learns to balance a pole on a cart, by policy gradients: dotnet run -c Release --project samples/CartPole
using System.Diagnostics;
using Flambeau;
using Flambeau.Optim;
using Flambeau.Nn;
using Flambeau.Samples.CartPole;
using Flambeau.Training.Plots;

if (args.Length > 0)
{
    Console.Error.WriteLine("usage: CartPole: learns to balance a pole on a cart, and draws how in runs/CartPole.png.");
    return args is ["--help" or "-h"] ? 0 : 2;
}
const int episodes = 32, most = 400;
const double promised = 475;

Random chance = new(0);
Generator.ManualSeed(0);
Agent agent = new(width: 64);
Adam optimizer = new(agent.Parameters(), lr: 1e-2);
List<double> lengths = [], greedyLengths = [];
Stopwatch watch = Stopwatch.StartNew();
for (int round = 1; round <= most; round++)
{
    Episodes played = agent.Play(episodes, chance);
    lengths.Add(played.AverageLength);
    optimizer.ZeroGrad();
    agent.Loss(played).Backward();
    ClipGrad.NormInPlace(agent.Parameters(), 1);
    optimizer.Step();
    if (round % 5 != 0) continue;
    double greedy = agent.Play(100, chance, greedy: true).AverageLength;
    greedyLengths.Add(greedy);
    Console.WriteLine($"round {round,3}  {played.AverageLength,5:F1} steps an episode, {greedy,5:F1} without trying anything");
    if (greedy >= 499) break;
}

double reached = agent.Play(100, chance, greedy: true).AverageLength;
Directory.CreateDirectory("runs");
new LineChart { Title = "CartPole", XLabel = $"rounds of {episodes} episodes", YLabel = "steps before the pole falls, 500 at most" }
    .Add("learning", [.. lengths]).Add("greedy", [.. greedyLengths.Select((_, i) => 5.0 * (i + 1))], [.. greedyLengths])
    .Add("promised", [1, lengths.Count], [promised, promised], LineStyle.Dashed).SavePng("runs/CartPole.png");
Console.WriteLine($"{(reached >= promised ? "Reached" : "NOT REACHED")}: {reached:F1} of {CartPole.StepLimit} steps on average over 100 new episodes; promised were {promised}. {watch.Elapsed.TotalSeconds:F1} s.");
return reached >= promised ? 0 : 1;
