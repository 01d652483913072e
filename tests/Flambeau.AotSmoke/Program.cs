using System.Globalization;
using Flambeau;
using Flambeau.AotSmoke;
using Flambeau.IO;
using Flambeau.Nn;

// save PATH: writes a model's weights and prints its predictions. load PATH: reads them by name and prints what they predict.
SmokeModel model = new();
if (args is ["save", var target])
{
    Generator.ManualSeed(1);
    model = new();
    SafeTensors.Save(target, model.StateDict());
}
else if (args is ["load", var source]) model.LoadStateDict(SafeTensors.Load(source).Tensors);
else return 2;

model.Eval();
foreach (string name in model.StateDict().Keys) Console.WriteLine(name);
Tensor x = Tensor.Linspace(-1, 1, 2 * 8 * 8).Reshape(2, 1, 8, 8);
foreach (float v in model.Call(x).ToArray<float>()) Console.WriteLine(v.ToString("R", CultureInfo.InvariantCulture));

// A training step, so that autograd and an optimizer are part of what is compiled.
Flambeau.Optim.Adam optimizer = new(model.Parameters());
F.CrossEntropy(model.Call(x), Tensor.From(new long[] { 0, 2 })).Backward();
optimizer.Step();

// Transforms, which take tuples and dictionaries apart and put them together again.
Tensor u = Tensor.Linspace(0, 1, 6).Reshape(3, 2), w = Tensor.Linspace(1, 2, 6).Reshape(3, 2);
(Tensor du, Tensor dv) = Func.Vmap((Tensor a, Tensor b) => Func.Grad<(Tensor A, Tensor B)>(t => (t.A * t.B.Sin()).Sum())((a, b)))(u, w);
OrderedDictionary<string, Tensor> doubled = Func.Grad<OrderedDictionary<string, Tensor>>(p => p["u"].Square().Sum())(new() { ["u"] = u });
foreach (Tensor y in (Tensor[])[du, dv, doubled["u"], Func.Hessian(a => (a * a.Cos()).Prod())(u[1])]) Console.WriteLine(y.Sum().Item<float>().ToString("R", CultureInfo.InvariantCulture));
return 0;
