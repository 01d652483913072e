using Flambeau.Nn;

namespace Flambeau;

// The short-time Fourier transform and its inverse: compositions.
public partial class Tensor
{
    /// <summary>
    /// The short-time Fourier transform: the transforms of windowed frames that begin every <paramref name="hopLength"/> samples.
    /// PyTorch's <c>torch.stft</c>.
    /// </summary>
    /// <param name="nFft">The length of a frame.</param>
    /// <param name="hopLength">From frame to frame; by default nFft / 4.</param>
    /// <param name="winLength">The length of the window, which lies in the middle of the frame; by default nFft.</param>
    /// <param name="window">The window, (winLength,); by default ones.</param>
    /// <param name="center">Whether frame t is centred at sample t · hopLength; the signal is padded by nFft / 2 on both sides.</param>
    /// <param name="padMode">How: a mode of <see cref="F.Pad"/>.</param>
    /// <param name="normalized">Whether to divide by √nFft.</param>
    /// <param name="onesided">Whether only the first nFft / 2 + 1 coefficients are wanted; by default where signal and window are real.</param>
    /// <param name="returnComplex">Whether the result is complex; by default where signal or window are. Else real and imaginary parts are a last axis.</param>
    /// <returns>Of a signal (L,) or (B, L): ([B,] coefficients, frames[, 2]).</returns>
    /// <exception cref="ArgumentException">Not a floating-point or complex signal with one or two axes, no such frame, hop or window, or one-sided transforms of complex numbers.</exception>
    public Tensor Stft(long nFft, long? hopLength = null, long? winLength = null, Tensor? window = null, bool center = true, string padMode = "reflect",
        bool normalized = false, bool? onesided = null, bool? returnComplex = null)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("stft", ref self);
        if (!ReferenceEquals(self, this)) return self.Stft(nFft, hopLength, winLength, window, center, padMode, normalized, onesided, returnComplex);
        if (!DType.IsDifferentiable) throw new ArgumentException($"stft: the signal must be floating point or complex, not {DType}. Convert with To(dtype).");
        if (Rank is not (1 or 2)) throw new ArgumentException($"stft: a signal is (samples,) or (batch, samples), not {Shape}.");
        Tensor x = Rank == 1 ? Unsqueeze(0) : this;                             // (B, L)
        if (center) x = F.Pad(x.Unsqueeze(0), [nFft / 2, nFft / 2], padMode).Squeeze(0);
        if (nFft < 1 || nFft > x.Shape[1]) throw new ArgumentException($"stft: frames of {nFft} samples; there must be at least one, and at most {x.Shape[1]}, the length of the signal{(center ? " with its padding" : "")}.");
        (long hop, Tensor? w) = Framing("stft", nFft, hopLength, winLength, window, Device);
        bool isComplex = DType.IsComplex || w is { DType.IsComplex: true }, half = onesided ?? !isComplex, asComplex = returnComplex ?? isComplex;
        if (half && isComplex) throw new ArgumentException("stft: of a complex signal or window there is no one-sided transform: its coefficients are no conjugates of each other. Leave onesided out.");

        Tensor frames = x.Unfold(1, nFft, hop);                                // (B, T, n)
        if (w is not null) frames = frames * w;                                 // not in place: frames overlap
        string? norm = normalized ? "ortho" : null;
        Tensor y = (half ? Fft.Rfft(frames, norm: norm) : Fft.FFT(frames, norm: norm)).Transpose(1, 2);
        if (Rank == 1) y = y.Squeeze(0);
        return asComplex ? y : y.ViewAsReal();
    }

    /// <summary>
    /// The signal of which this is the short-time Fourier transform, by adding up the overlapping frames and dividing by what the windows add
    /// up to. PyTorch's <c>torch.istft</c>.
    /// </summary>
    /// <param name="nFft">The length of a frame.</param>
    /// <param name="hopLength">From frame to frame; by default nFft / 4.</param>
    /// <param name="winLength">The length of the window; by default nFft.</param>
    /// <param name="window">The window, (winLength,); by default ones.</param>
    /// <param name="center">Whether the signal was padded by nFft / 2 on both sides, which are cut off.</param>
    /// <param name="normalized">Whether <see cref="Stft"/> had divided by √nFft.</param>
    /// <param name="onesided">Whether these are the first nFft / 2 + 1 coefficients; by default where there are fewer than nFft.</param>
    /// <param name="length">The length of the signal, to which it is cut or padded with zeros; by default what the frames cover.</param>
    /// <param name="returnComplex">Whether the signal is complex; the transform must then be two-sided.</param>
    /// <returns>Of ([B,] coefficients, frames), complex, or with real and imaginary parts as a last axis: ([B,] L).</returns>
    /// <exception cref="ArgumentException">Another shape, no such frame, hop or window, another number of coefficients, or samples on which no window lies.</exception>
    public Tensor Istft(long nFft, long? hopLength = null, long? winLength = null, Tensor? window = null, bool center = true, bool normalized = false,
        bool? onesided = null, long? length = null, bool returnComplex = false)
    {
        if (!DType.IsComplex && (Rank is not (3 or 4) || Shape[^1] != 2) || DType.IsComplex && Rank is not (2 or 3) || Count == 0)
            throw new ArgumentException($"istft: a transform is complex, ([batch,] coefficients, frames), or real with a last axis of 2, and not empty; here {DType} {Shape}.");
        Tensor x = DType.IsComplex ? this : Complex(Select(-1, 0), Select(-1, 1));
        bool isBatch = x.Rank == 3;
        if (!isBatch) x = x.Unsqueeze(0);                                       // (B, N, T)
        (long hop, Tensor? w) = Framing("istft", nFft, hopLength, winLength, window, Device);
        if (hop > (winLength ?? nFft)) throw new ArgumentException($"istft: frames that begin every {hop} samples leave gaps between windows of {winLength ?? nFft}.");
        bool half = onesided ?? x.Shape[1] != nFft;
        long coefficients = half ? nFft / 2 + 1 : nFft;
        if (x.Shape[1] != coefficients) throw new ArgumentException($"istft: {x.Shape[1]} coefficients; frames of {nFft} samples have {coefficients}{(half ? ", one-sided" : "")}.");
        if (returnComplex && half) throw new ArgumentException("istft: a complex signal needs the two-sided transform.");
        if (!returnComplex && w is { DType.IsComplex: true }) throw new ArgumentException("istft: a complex window belongs to a complex signal. Set returnComplex.");

        string norm = normalized ? "ortho" : "backward";
        x = x.Transpose(1, 2);                                                 // (B, T, N)
        x = returnComplex ? Fft.Ifft(x, norm: norm) : Fft.Irfft(half ? x : x.Narrow(-1, 0, nFft / 2 + 1), nFft, norm: norm);
        if (w is not null) x = x * w;
        long count = x.Shape[1], covered = nFft + hop * (count - 1), begin = center ? nFft / 2 : 0;
        long end = length is { } l ? begin + l : center ? covered - nFft / 2 : covered, last = Math.Min(end, covered);
        if (length < 0 || last < begin) throw new ArgumentException($"istft: the frames cover {covered} samples, of which none would be left.");

        Tensor places = (Arange(count).Unsqueeze(1) * hop + Arange(nFft)).Reshape(-1).To(Device);
        Tensor square = w is null ? Ones([nFft], x.DType.Real, Device) : w * w;
        Tensor sum = Zeros([x.Shape[0], covered], x.DType, Device).IndexAdd(1, places, x.Reshape(x.Shape[0], count * nFft)).Narrow(1, begin, last - begin);
        Tensor weight = Zeros([covered], square.DType, Device).IndexAdd(0, places, square.Expand(count, nFft).Reshape(-1)).Narrow(0, begin, last - begin);
        if (weight.Count > 0 && !Device.IsMeta && weight.Detach().Abs().Le(1e-11).MayHold)
            throw new ArgumentException("istft: on some samples no window lies, so nothing is known of them. Windows must overlap, and the signal be padded (center) where they vanish at their ends.");
        Tensor y = sum / weight;
        if (end > covered) y = F.Pad(y, [0, end - covered]);
        return isBatch ? y : y.Squeeze(0);
    }

    /// <summary>The hop, and the window in the middle of a frame.</summary>
    static (long Hop, Tensor? Window) Framing(string op, long nFft, long? hopLength, long? winLength, Tensor? window, Device device)
    {
        long hop = hopLength ?? nFft / 4, size = winLength ?? nFft;
        if (nFft < 1) throw new ArgumentException($"{op}: frames of {nFft} samples; there must be at least one.");
        if (hop < 1) throw new ArgumentException($"{op}: a hop of {hop} samples from frame to frame; it must be at least 1.");
        if (size < 1 || size > nFft) throw new ArgumentException($"{op}: a window of {size} samples; it must lie within a frame of {nFft}.");
        if (window is not null && window.Shape != new Dims([size])) throw new ArgumentException($"{op}: the window must have shape ({size},), not {window.Shape}.");
        if (size == nFft) return (hop, window);
        long left = (nFft - size) / 2;
        return (hop, F.Pad(window ?? Ones([size], DefaultDType, device), [left, nFft - size - left]));
    }
}
