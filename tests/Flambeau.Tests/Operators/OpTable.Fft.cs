using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> FourierTransforms()
    {
        // Float16 and bfloat16 have no transforms, as in PyTorch on the CPU.
        Arg[][] lines = [[Real(12)], [Real(3, 7)], [Real(2, 11, 3)], [Real(2, 1)], [Real(4, 67)], [Real(2, 30, 17)], [Real(19, 64)], [Real(1, 240)]];
        Arg[][] halves = [[Real(7)], [Real(3, 4)], [Real(2, 2, 3)], [Real(2, 6)], [Real(2, 35)], [Real(19, 33)]];
        yield return One("fft", x => Fft.FFT(x), lines) with { DTypes = Complexes, LowPrecision = false, Tolerance = 1e-5 };
        yield return One("fft first", x => Fft.FFT(x, dim: 0, norm: "ortho"), lines) with { DTypes = Complexes, LowPrecision = false, Tolerance = 1e-5 };
        yield return One("ifft", x => Fft.Ifft(x), lines) with { DTypes = Complexes, LowPrecision = false };
        yield return One("rfft", x => Fft.Rfft(x), lines) with { LowPrecision = false, Tolerance = 1e-5 };
        yield return One("ihfft", x => Fft.Ihfft(x, norm: "ortho"), lines) with { LowPrecision = false };
        yield return One("irfft", x => Fft.Irfft(x), halves) with { DTypes = Complexes, LowPrecision = false };
        yield return One("irfft odd", x => Fft.Irfft(x, 2 * x.Shape[^1] - 1, norm: "forward"), halves) with { DTypes = Complexes, LowPrecision = false, Tolerance = 1e-5 };
        yield return One("hfft", x => Fft.Hfft(x), halves) with { DTypes = Complexes, LowPrecision = false, Tolerance = 1e-5 };
        yield return One("fft padded", x => Fft.FFT(x, 5), [[Real(2, 3)], [Real(2, 7)]]) with { DTypes = Complexes, LowPrecision = false };
        yield return One("fftn", x => Fft.Fftn(x, norm: "ortho"), [[Real(3, 4)], [Real(2, 3, 5)]]) with { DTypes = Complexes, LowPrecision = false };
        yield return One("rfftn", x => Fft.Rfftn(x, [4, 5], [0, 1]), [[Real(3, 4)], [Real(2, 3, 2)]]) with { LowPrecision = false };
        yield return One("irfftn", x => Fft.Irfftn(x, [4, 6]), [[Real(3, 4)], [Real(2, 3, 2)]]) with { DTypes = Complexes, LowPrecision = false };
        yield return One("hfft2", x => Fft.Hfft2(x), [[Real(3, 4)]]) with { DTypes = Complexes, LowPrecision = false, Tolerance = 1e-5 };
        yield return One("ihfft2", x => Fft.Ihfft2(x), [[Real(3, 4)]]) with { LowPrecision = false };
        yield return Two("stft", (x, w) => x.Stft(6, 2, 4, w, returnComplex: true), [[Real(2, 9), Positive(4)], [Real(8), Positive(4)]]) with { DTypes = Complexes, LowPrecision = false };
        yield return One("istft", x => x.Istft(6, 2, 5), [[Real(6, 3, 2)], [Real(2, 4, 4, 2)]]) with { LowPrecision = false };
        yield return One("fftshift", x => Fft.Fftshift(x), [[Real(3, 4)]]) with { DTypes = Everything };
    }
}
