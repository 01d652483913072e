using Xunit;

namespace Flambeau.Tests.Kernels;

[Collection(nameof(ThreadCount))]
public class IntMmTests
{
    static Tensor Bytes(long rows, long columns, Random random)
    {
        var x = new sbyte[rows * columns];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(x.AsSpan()));
        if (x.Length > 0) x[0] = -128;
        return Tensor.From<sbyte>(x, [rows, columns]).Reshape(rows, columns);
    }

    [Fact]
    public void Is_exact_for_every_shape_layout_and_number_of_threads()
    {
        var random = new Random(1);
        int before = Threads.Count;
        try
        {
            foreach ((int m, int k, int n) in new[] { (1, 1, 1), (5, 3, 7), (6, 4, 16), (7, 66, 33), (13, 65, 32), (64, 130, 100), (150, 257, 200), (40, 1000, 64) })
                foreach (int lie in new[] { 0, 1, 2, 3, 4 })
                {
                    Tensor a = lie % 2 == 0 ? Bytes(m, k, random) : Bytes(k, m, random).T, b = lie / 2 == 0 ? Bytes(k, n, random) : Bytes(n, k, random).T;
                    if (lie == 4) (a, b) = (Bytes(2 * m, k + 3, random)[.., 1..(k + 1)].Narrow(0, 1, m), Bytes(k, 2 * n, random).Reshape(k, n, 2).Select(2, 1));
                    Tensor expected = a.To(DType.Int64).MatMul(b.To(DType.Int64)).To(DType.Int32);
                    foreach (int threads in new[] { 1, 2, 3 })
                    {
                        Threads.Count = threads;
                        Tensor y = a.IntMm(b);
                        Assert.Equal(DType.Int32, y.DType);
                        Assert.Equal(expected.ToArray<int>(), y.ToArray<int>());
                    }
                }
        }
        finally { Threads.Count = before; }
    }

    [Fact]
    public void The_extremes_are_exact()
    {
        Tensor a = Tensor.Full([7, 1000], -128, DType.Int8), b = Tensor.Full([1000, 17], -128, DType.Int8), c = Tensor.Full([1000, 17], 127, DType.Int8);
        Assert.All(a.IntMm(b).ToArray<int>(), x => Assert.Equal(16_384_000, x));
        Assert.All(a.IntMm(c).ToArray<int>(), x => Assert.Equal(-16_256_000, x));
    }

    [Fact]
    public void Says_what_is_wrong()
    {
        Tensor a = Tensor.Zeros([2, 3], DType.Int8), b = Tensor.Zeros([3, 2], DType.Int8);
        Assert.Contains("int8", Assert.Throws<ArgumentException>(() => a.IntMm(b.To(DType.Float32))).Message);
        Assert.Contains("matrices", Assert.Throws<ArgumentException>(() => a.Unsqueeze(0).IntMm(b)).Message);
        Assert.Contains("inner sizes 3 and 2", Assert.Throws<ArgumentException>(() => a.IntMm(b.T)).Message);
    }
}
