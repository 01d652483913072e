using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>What models are glued together with: integers and masks, conversions, shapes, small reductions and losses, at sizes that stay in the caches.</summary>
static class More
{
    const int N = 1 << 17;

    public static IEnumerable<Workload> Workloads =>
    [
        .. new[] { DType.Int64, DType.UInt8, DType.Bool }.SelectMany(Whole), .. Arithmetic, .. Casts,
        .. One("clamp", x => x.Clamp(-1, 1), x => x.clamp(-1, 1)), .. One("gt a number", x => x.Gt(0), x => x.gt(0)), .. One("pow 2", x => x.Pow(2), x => x.pow(2)),
        .. One("floor", x => x.Floor(), x => x.floor()), .. One("silu", x => x.Silu(), x => TF.silu(x)), .. One("leaky relu", x => x.LeakyRelu(), x => TF.leaky_relu(x, 0.01)),
        .. One("softplus", x => x.Softplus(), x => TF.softplus(x)), .. One("erf", x => x.Erf(), x => x.erf()), .. One("any", x => x.Any(), x => x.any()), .. One("norm 2", x => x.Norm(), x => x.norm()),
        At("fmod", [Input.Normal(N), Input.Normal(N)], x => x[0].Fmod(x[1]), x => x[0].fmod(x[1])), At("maximum", [Input.Normal(N), Input.Normal(N)], x => x[0].Maximum(x[1]), x => x[0].maximum(x[1])),
        .. Shapes, .. Losses,
    ];

    static Workload At(string name, Input[] inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer) => Workload.Op(name, inputs, ours, peer);

    static IEnumerable<Workload> One(string name, Func<Tensor, Tensor> ours, Func<T, T> peer) => [At($"{name} 131,072", [Input.Normal(N)], x => ours(x[0]), x => peer(x[0]))];

    static IEnumerable<Workload> Whole(DType t)
    {
        Input[] two = [Input.Index(t, 100, N), Input.Index(t, 100, N)];
        return
        [
            At($"{t} add", two, x => x[0] + x[1], x => x[0] + x[1]), At($"{t} lt", two, x => x[0].Lt(x[1]), x => x[0].lt(x[1])),
            At($"{t} and", two, x => x[0].BitwiseAnd(x[1]), x => x[0].bitwise_and(x[1])), At($"{t} maximum", two, x => x[0].Maximum(x[1]), x => x[0].maximum(x[1])),
            At($"{t} sum", two, x => x[0].Sum(), x => x[0].sum()), At($"{t} max", two, x => x[0].Max(), x => x[0].max()),
            At($"{t} sum 512x256 of columns", [Input.Index(t, 100, 512, 256)], x => x[0].Sum(0), x => x[0].sum(0L)),
        ];
    }

    static IEnumerable<Workload> Arithmetic =>
    [
        At("Int64 mul", [Input.Index(100, N), Input.Index(100, N)], x => x[0] * x[1], x => x[0] * x[1]), At("Int64 eq a number", [Input.Index(100, N)], x => x[0].Eq(1), x => x[0].eq(1)),
        At("Int64 floor divide", [Input.Index(100, N)], x => x[0].FloorDivide(7), x => x[0].floor_divide(7)), At("Int64 remainder", [Input.Index(100, N)], x => x[0].Remainder(7), x => x[0].remainder(7)),
        At("Int64 clamp", [Input.Index(100, N)], x => x[0].Clamp(2, 50), x => x[0].clamp(2, 50)), At("Bool not", [Input.Index(DType.Bool, 2, N)], x => x[0].LogicalNot(), x => x[0].logical_not()),
    ];

    static IEnumerable<Workload> Casts =>
    [
        Cast(DType.Int64, DType.Float32, torch.ScalarType.Float32), Cast(DType.Int64, DType.Int32, torch.ScalarType.Int32), Cast(DType.UInt8, DType.Float32, torch.ScalarType.Float32),
        Cast(DType.Bool, DType.Float32, torch.ScalarType.Float32), Cast(DType.Float32, DType.Int64, torch.ScalarType.Int64), Cast(DType.Float32, DType.Float64, torch.ScalarType.Float64),
        Cast(DType.Float64, DType.Float32, torch.ScalarType.Float32), Cast(DType.Float32, DType.Float16, torch.ScalarType.Float16),
    ];

    static Workload Cast(DType from, DType to, torch.ScalarType type) =>
        At($"{from} to {to}", [from.IsFloatingPoint ? Input.Normal(N) with { Type = from } : Input.Index(from, 2, N)], x => x[0].To(to), x => x[0].to_type(type));

    static IEnumerable<Workload> Shapes =>
    [
        At("masked fill 512x256", [Input.Normal(512, 256), Input.Index(DType.Bool, 2, 512, 256)], x => x[0].MaskedFill(x[1], 0f), x => x[0].masked_fill(x[1], 0f)),
        At("tril 512x512", [Input.Normal(512, 512)], x => x[0].Tril(), x => x[0].tril()), At("flip 512x256, dim 1", [Input.Normal(512, 256)], x => x[0].Flip(1), x => x[0].flip(1L)),
        At("roll 512x256, dim 1", [Input.Normal(512, 256)], x => x[0].Roll(3, 1), x => x[0].roll(3, 1)), At("pad 8x16x32x32 by 1", [Input.Normal(8, 16, 32, 32)], x => F.Pad(x[0], [1, 1, 1, 1]), x => TF.pad(x[0], [1L, 1L, 1L, 1L])),
        At("repeat 128x256 2x2", [Input.Normal(128, 256)], x => x[0].Repeat(2, 2), x => x[0].repeat(2, 2)),
        At("expand copy 512x256", [Input.Normal(512, 1)], x => x[0].Expand(512, 256).Contiguous(), x => x[0].expand(512, 256).contiguous()),
        At("permute copy 4x64x8x64 of heads", [Input.Normal(4, 64, 8, 64)], x => x[0].Permute(0, 2, 1, 3).Contiguous(), x => x[0].permute(0, 2, 1, 3).contiguous()),
        At("narrow copy 512x512", [Input.Normal(512, 512)], x => x[0].Narrow(1, 100, 256).Contiguous(), x => x[0].narrow(1, 100, 256).contiguous()),
    ];

    static IEnumerable<Workload> Losses =>
    [
        At("bce with logits 512x256", [Input.Normal(512, 256), Input.Uniform(512, 256)], x => F.BinaryCrossEntropyWithLogits(x[0], x[1]), x => TF.binary_cross_entropy_with_logits(x[0], x[1])),
        At("smooth l1 512x256", [Input.Normal(512, 256), Input.Uniform(512, 256)], x => F.SmoothL1Loss(x[0], x[1]), x => TF.smooth_l1_loss(x[0], x[1])),
        At("normalize 512x256", [Input.Normal(512, 256)], x => F.Normalize(x[0]), x => TF.normalize(x[0])), At("cosine similarity 512x256", [Input.Normal(512, 256), Input.Normal(512, 256)], x => F.CosineSimilarity(x[0], x[1]), x => TF.cosine_similarity(x[0], x[1])),
    ];
}
