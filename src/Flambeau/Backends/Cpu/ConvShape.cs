namespace Flambeau.Backends.Cpu;

/// <summary>A number for each of depth, height and width.</summary>
internal readonly record struct Size3(long D, long H, long W)
{
    public long Volume => D * H * W;
}

/// <summary>
/// The sizes of a convolution over images x(N, C, Input) with filters w(O, C/Groups, Kernel) to y(N, O, Output), all contiguous.
/// y[n, o, p] = Σ over c and k of x[n, c, p·Stride + k·Dilation − Pad]·w[o, c, k]; x is 0 outside. Missing dimensions are leading ones.
/// </summary>
internal readonly record struct ConvShape
{
    public required long N { get; init; }
    public required long C { get; init; }
    public required long O { get; init; }
    public required long Groups { get; init; }
    public required Size3 Input { get; init; }
    public required Size3 Kernel { get; init; }
    public required Size3 Stride { get; init; }
    public required Size3 Pad { get; init; }
    public required Size3 Dilation { get; init; }
    public required Size3 Output { get; init; }
}
