// A character GPT learns sonnets and writes one: dotnet run -c Release --project samples/CharGpt [-- text.txt [steps]]
using System.Diagnostics;
using Flambeau;
using Flambeau.Nn;
using Flambeau.Optim;
using Flambeau.Samples.CharGpt;

if (args is ["--help" or "-h", ..] || args.Length > 2 || args.Length == 2 && !int.TryParse(args[1], out _))
{
    Console.Error.WriteLine("usage: CharGpt [TEXT [STEPS]]: learns the characters of a text file (some sonnets by default) in so many steps (1,200), then writes.");
    return args is ["--help" or "-h", ..] ? 0 : 2;
}
string path = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "data", "sonnets.txt");
if (!File.Exists(path))
{
    Console.Error.WriteLine($"There is no file '{path}'.");
    return 2;
}
int steps = args.Length > 1 ? int.Parse(args[1]) : 1200;
const int context = 64, batch = 16;

string text = File.ReadAllText(path);
char[] alphabet = [.. text.Distinct().Order()];
Tensor data = Tensor.From<long>([.. text.Select(c => (long)Array.BinarySearch(alphabet, c))]);
if (data.Count <= context + 1)
{
    Console.Error.WriteLine($"'{path}' is too short: at least {context + 2} characters are wanted.");
    return 2;
}

Generator.ManualSeed(0);
Gpt model = new(alphabet.Length, context, width: 96, layers: 3, heads: 4);
AdamW optimizer = new(model.Parameters(), lr: 2e-3, weightDecay: 0.1);
OneCycleLR scheduler = new(optimizer, maxLr: 2e-3, totalSteps: steps);
Console.WriteLine($"{text.Length:N0} characters, {alphabet.Length} different ones; {model.Parameters().Sum(p => p.Count):N0} parameters.");
Stopwatch watch = Stopwatch.StartNew();
Tensor windows = data.Unfold(0, context + 1, 1);                                                            // (positions, context + 1)
for (int step = 1; step <= steps; step++)
{
    Tensor w = windows.IndexSelect(0, Tensor.RandInt(windows.Shape[0], [batch]));
    Tensor scores = model.Call(w[TensorIndex.All, ..context]);                                              // (batch, context, characters)
    Tensor loss = F.CrossEntropy(scores.Flatten(0, 1), w[TensorIndex.All, 1..].Flatten());
    optimizer.ZeroGrad();
    loss.Backward();
    ClipGrad.NormInPlace(model.Parameters(), 1);
    optimizer.Step();
    scheduler.Step();
    if (step % 100 == 0 || step == 1) Console.WriteLine($"step {step,4}  loss {loss.Item<double>():F3}  {step / watch.Elapsed.TotalSeconds:F1} steps/s");
}

Console.WriteLine();
foreach (long c in model.Generate([Array.BinarySearch(alphabet, '\n') is var n and >= 0 ? n : 0], temperature: 0.7).Take(400)) Console.Write(alphabet[c]);
Console.WriteLine();
return 0;
