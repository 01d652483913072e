using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Operands that are broadcast or cut out, two axes at a time: the bits of whole, contiguous ones, and nothing beyond the rows.</summary>
public class RowTests
{
    static readonly long[] s_lengths = [1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257];

    public static TheoryData<DType> Types => new(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Int64, DType.Int32, DType.Int16, DType.UInt8);

    [Theory, MemberData(nameof(Types))]
    public void Rows_have_the_bits_of_whole_tensors(DType type)
    {
        foreach (long n in s_lengths)
        {
            Tensor row = Numbers(n, 1), column = Numbers(5, 2).Reshape(5, 1), wide = Numbers(5 * (n + 3), 3).Reshape(5, n + 3), part = wide.Narrow(1, 1, n), turned = Numbers(2 * 5 * n, 4).Reshape(5, 2, n).Transpose(0, 1);
            Same((a, b) => a + b, column, row);
            Same((a, b) => a * b, part, row);
            Same((a, b) => a - b, part, column);
            Same((a, b) => a.Maximum(b), turned, row);
            Same((a, b) => a.Lt(b), row, part);
            Same((a, b) => a.Lt(b), column, row);
            Same((a, b) => Tensor.Where(a.Lt(b), a, b), part, row);
            Same((a, b) => Tensor.Where(a.Gt(10), b, a), column, turned);
            Same((a, b) => a.Clamp(b, b + 5), turned, row);

            // In place, beside numbers that stay as they are.
            Tensor before = wide.Clone(), expected = part + row;
            part.AddInPlace(row);
            Assert.True(part.Equal(expected));
            Assert.True(wide.Narrow(1, 0, 1).Equal(before.Narrow(1, 0, 1)) && wide.Narrow(1, n + 1, 2).Equal(before.Narrow(1, n + 1, 2)));
        }

        Tensor Numbers(long count, int seed) => ((Tensor.Arange(count) * 7 + seed) % 23).To(type);
    }

    static void Same(Func<Tensor, Tensor, Tensor> f, Tensor a, Tensor b)
    {
        Tensor y = f(a, b), whole = f(a.Expand(y.Shape).Clone(), b.Expand(y.Shape).Clone());
        Assert.True(y.Equal(whole), $"{a.DType} {a.Shape} {b.Shape}");
    }
}
