using Flambeau;

var x = Tensor.From(new float[,] { { 1, 2 }, { 3, 4 } }).SetRequiresGrad();
x.MatMul(x).Tanh().Sum().Backward();
Console.WriteLine(x.Grad);
