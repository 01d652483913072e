using System.Diagnostics;
using System.Globalization;
using Flambeau;

long begin = Stopwatch.GetTimestamp();
float y = Tensor.Ones(2, 2).MatMul(Tensor.Ones(2, 2)).Relu().Sum().Item<float>();
double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
if (y != 8) throw new InvalidOperationException($"The sum of four twos is not {y}.");
Console.WriteLine(milliseconds.ToString(CultureInfo.InvariantCulture));
