using Flambeau.Backends;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Copies that turn axes or convert, element by element as the reference does them.</summary>
public class CopyKernelTests
{
    public static TheoryData<DType> Types => new(DType.Float32, DType.Float64, DType.Int32, DType.BFloat16);

    [Theory, MemberData(nameof(Types))]
    public void Turned_copies_hold_every_element(DType type)
    {
        long[][] shapes = [[16, 16], [17, 31], [40, 33], [3, 18, 20], [20, 3, 18], [2, 16, 3, 35], [1, 64, 16], [33, 1, 17]];
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

    [Fact]
    public void Conversions_to_and_from_bfloat16_are_its_own_bit_for_bit()
    {
        var random = new System.Random(1);
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 1.00390625f, 1.01171875f, 3.3895314e38f];
        for (int n = 0; n < 70; n++)
        {
            float[] x = [.. Enumerable.Range(0, n).Select(i => i % 3 == 0 ? special[random.Next(special.Length)] : BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))];
            float[] there = Tensor.From(x).To(DType.BFloat16).To(DType.Float32).ToArray<float>();
            Assert.Equal(x.Select(v => BitConverter.SingleToInt32Bits((BFloat16)v)), there.Select(BitConverter.SingleToInt32Bits));
        }
    }
}
