// A recursive network learns arithmetic from trees of all shapes: dotnet run -c Release --project samples/TreeNetwork [-- EXPRESSION]
using System.Diagnostics;
using Flambeau;
using Flambeau.Nn;
using Flambeau.Optim;
using Flambeau.Samples.TreeNetwork;

if (args.Length > 1 || args is [['-', ..]])
{
    Console.Error.WriteLine("usage: TreeNetwork [EXPRESSION]: learns what expressions come to, modulo 10, then says it of one such as '((3+4)*(9-2))'.");
    return args is ["--help" or "-h"] ? 0 : 2;
}
Expression question;
try
{
    question = Expression.Parse(args.Length > 0 ? args[0] : "((3+4)*(9-(2*8)))");
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
const int epochs = 20, steps = 120, batch = 24, depths = 4, deepest = 7;
const double promised = 0.95;

Random chance = new(0);
Generator.ManualSeed(0);
TreeLstm model = new(width: 64);
Adam optimizer = new(model.Parameters());
OneCycleLR scheduler = new(optimizer, maxLr: 1e-2, totalSteps: epochs * steps);
Console.WriteLine($"{model.Parameters().Sum(p => p.Count):N0} parameters; trees such as {Expression.Make(chance, 3)}");
HashSet<Expression> seen = [];
Stopwatch watch = Stopwatch.StartNew();
for (int epoch = 1; epoch <= epochs; epoch++)
{
    double sum = 0;
    for (int step = 0; step < steps; step++)
    {
        Expression[] trees = [.. Enumerable.Range(0, batch).Select(i => Expression.Make(chance, 1 + i % depths))];
        seen.UnionWith(trees);
        (Tensor scores, Expression[] operations) = model.Forward(trees);                        // (operations, 10): every node is taught, as every phrase of a sentiment tree is
        Tensor loss = F.CrossEntropy(scores, Tensor.From<long>([.. operations.Select(o => (long)o.Value)]));
        optimizer.ZeroGrad();
        loss.Backward();
        ClipGrad.NormInPlace(model.Parameters(), 1);
        optimizer.Step();
        scheduler.Step();
        sum += loss.Item<double>();
    }
    if (epoch % 5 == 0) Console.WriteLine($"epoch {epoch,2}  loss {sum / steps:F4}  {epoch * steps * batch / watch.Elapsed.TotalSeconds:N0} trees/s");
}

double worst = 1;
for (int depth = 2; depth <= deepest; depth++)
{
    Expression[] test = [.. Enumerable.Range(0, 600).Select(_ => Expression.Make(chance, depth)).Where(e => !seen.Contains(e)).Take(500)];
    double right = test.Count(e => model.Evaluate(e) == e.Value) / (double)test.Length;
    worst = Math.Min(worst, right);
    Console.WriteLine($"depth {depth}  {right,6:P1} of {test.Length} new trees right{(depth > depths ? ", deeper than any it learned from" : "")}");
}
Console.WriteLine($"{question} = {model.Evaluate(question)}, says the network; {question.Value} it is (modulo 10).");
Console.WriteLine($"{(worst >= promised ? "Reached" : "NOT REACHED")}: at every depth up to {deepest} at least {worst:P1} of new trees right; promised were {promised:P0}. {watch.Elapsed.TotalSeconds:F1} s.");
return worst >= promised ? 0 : 1;
