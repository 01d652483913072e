using Flambeau.Backends;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Copies that turn axes or convert, element by element as the reference does them.</summary>
public class CopyKernelTests
{
    public static TheoryData<DType> Types => new(DType.Float32, DType.Float64, DType.Int32, DType.BFloat16, DType.UInt8, DType.Complex128);

    [Theory, MemberData(nameof(Types))]
    public void Turned_copies_hold_every_element(DType type)
    {
        long[][] shapes = [[16, 16], [17, 31], [40, 33], [3, 18, 20], [20, 3, 18], [2, 16, 3, 35], [1, 64, 16], [33, 1, 17], [150, 145], [3, 700]];
        foreach (long[] shape in shapes)
        {
            Tensor x = Tensor.Arange(new Dims(shape).Count).Reshape(shape).To(type);
            foreach (long[] order in Orders(shape.Length))
            {
                Tensor view = x.Permute(order), part = view.Narrow(0, view.Shape[0] > 1 ? 1 : 0, view.Shape[0] > 1 ? view.Shape[0] - 1 : 1), expected, ofPart;
                using (Backend.Reference.Use()) (expected, ofPart) = (view.Contiguous(), part.Clone());
                Assert.Equal(expected.ToArray<double>(), view.Contiguous().ToArray<double>());
                Assert.Equal(ofPart.ToArray<double>(), part.Clone().ToArray<double>());
                Tensor to = Tensor.Zeros(view.Shape, type);
                to.CopyInPlace(view);
                Assert.True(to.Equal(expected));
            }
        }

        static IEnumerable<long[]> Orders(int n) => n == 1 ? [[0]] : Orders(n - 1).SelectMany(o => Enumerable.Range(0, n).Select(at => (long[])[.. o[..at], n - 1, .. o[at..]]));
    }

    [Theory, InlineData(DType.Float32), InlineData(DType.Float64), InlineData(DType.BFloat16)]
    public void Elementwise_operations_take_turned_operands(DType type)
    {
        foreach (long[] shape in new long[][] { [16, 16], [70, 33], [3, 41, 150], [150, 2, 37] })
        {
            Tensor a = Tensor.Randn(shape).To(type), b = Tensor.Randn(shape).To(type).Transpose(0, -1).Contiguous().Transpose(0, -1), row = Tensor.Randn(shape[^1]).To(type);
            Tensor copy = b.Contiguous();
            Assert.True((a + copy).Equal(a + b));
            Assert.True((a + copy).Equal(b + a));
            Assert.True(a.Gt(copy).Equal(a.Gt(b)));
            Assert.True((copy + row).Equal(b + row));
            Assert.True(a.AddCMul(copy, row).Equal(a.AddCMul(b, row)));
            Assert.True(a.Clone().AddInPlace(b).Equal(a + copy));
            Assert.True(b.Clone().Transpose(0, -1).AddInPlace(a.Transpose(0, -1)).Transpose(0, -1).Equal(a + copy));
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void Masks_select_element_by_element(DType type)
    {
        for (long n = 0; n < 150; n += n < 70 ? 1 : 13)
        {
            Tensor x = Tensor.Randn(n), y = Tensor.Randn(n), mask = x.Lt(y), a = Tensor.Arange(n).To(type), b = (Tensor.Arange(n) + 100).To(type), one = b.Narrow(0, 0, Math.Min(n, 1));
            float[] u = x.ToArray<float>(), v = y.ToArray<float>();
            bool[] m = mask.ToArray<bool>();
            Assert.Equal(u.Zip(v, (p, q) => p < q), m);
            Assert.Equal(m.Select((p, i) => p ? i : (type == DType.BFloat16 ? (float)(BFloat16)(i + 100f) : i + 100f)), Tensor.Where(mask, a, b).ToArray<float>());
            if (n == 0) continue;
            Assert.Equal(m.Select((p, i) => p ? 100f : i), Tensor.Where(mask, one, a).ToArray<float>());
            Tensor all = Tensor.Where(mask.Unsqueeze(-1), a, b), each = Tensor.Where(mask.Unsqueeze(-1).Expand(n, n).Contiguous(), a, b);
            Assert.True(all.Equal(each));
        }
    }

    [Fact]
    public void Conversions_to_and_from_16_bits_are_their_types_own_bit_for_bit()
    {
        var random = new System.Random(1);
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 1.00390625f, 1.01171875f, 3.3895314e38f,
            65504f, 65519.996f, 65520f, 65536f, 1.00048828f, 1.00146484f, 6.1035156e-5f, 6.1005353e-5f, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 8.940697e-8f];
        for (int n = 0; n < 70; n++)
        {
            float[] x = [.. Enumerable.Range(0, n).Select(i => i % 3 == 0 ? special[random.Next(special.Length)] : BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))];
            float[] there = Tensor.From(x).To(DType.BFloat16).To(DType.Float32).ToArray<float>();
            Assert.Equal(x.Select(v => BitConverter.SingleToInt32Bits((BFloat16)v)), there.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(x.Select(v => new Complex64(v, 0)), Tensor.From(x).To(DType.Complex64).ToArray<Complex64>());
            // The numbers that a half has, too: of all bits few are in its range. Of NaN the sign and the rest are anything.
            float[] h = [.. x.Select((v, i) => i % 3 == 1 ? (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-26, 18))) : v)];
            Half[] halves = Tensor.From(h).To(DType.Float16).ToArray<Half>();
            Assert.Equal(h.Select(v => Half.IsNaN((Half)v) ? -1 : BitConverter.HalfToUInt16Bits((Half)v)), halves.Select(v => Half.IsNaN(v) ? -1 : BitConverter.HalfToUInt16Bits(v)));
            Assert.Equal(halves.Select(v => (float)v), Tensor.From(halves).To(DType.Float32).ToArray<float>());
        }
    }

    [Theory, InlineData(DType.Float32), InlineData(DType.Float64), InlineData(DType.BFloat16), InlineData(DType.UInt8), InlineData(DType.Complex128)]
    public void Rows_are_turned_about(DType type)
    {
        for (int n = 1; n < 70; n++)
        {
            Tensor x = Tensor.Arange(3 * n).Remainder(101).To(type).Reshape(3, n), y = x.Flip(1);
            for (int i = 0; i < 3; i++) Assert.Equal(x.Select(0, i).To(DType.Float64).ToArray<double>().Reverse(), y.Select(0, i).To(DType.Float64).ToArray<double>());
        }
    }
}
