using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>softmax(q kᵀ / √d) v, bound by the multiply-adds of its two products (of half of them under a causal mask).</summary>
static class Attentions
{
    public static IEnumerable<Workload> Workloads =>
    [
        Of(4, 12, 512, 64, false), Back(4, 12, 512, 64, false), Of(4, 12, 512, 64, true), Back(4, 12, 512, 64, true), Of(8, 4, 128, 32, true), Of(1, 8, 2048, 64, false),
    ];

    static Workload Of(long n, long heads, long length, long width, bool causal) => Workload.Op(Name(n, heads, length, width, causal), [.. Enumerable.Repeat(Input.Normal(n, heads, length, width), 3)],
        x => F.ScaledDotProductAttention(x[0], x[1], x[2], isCausal: causal), x => TF.scaled_dot_product_attention(x[0], x[1], x[2], is_casual: causal), Flops(n, heads, length, width, causal));

    // Five products, where the forward pass has two.
    static Workload Back(long n, long heads, long length, long width, bool causal) => Workload.Backward($"{Name(n, heads, length, width, causal)} backward",
        [.. Enumerable.Repeat(Input.Leaf(n, heads, length, width), 3)], x => F.ScaledDotProductAttention(x[0], x[1], x[2], isCausal: causal),
        x => TF.scaled_dot_product_attention(x[0], x[1], x[2], is_casual: causal), 2.5 * Flops(n, heads, length, width, causal));

    static string Name(long n, long heads, long length, long width, bool causal) => $"attention {n}x{heads}x{length}x{width}{(causal ? " causal" : "")}";

    static double Flops(long n, long heads, long length, long width, bool causal) => 4.0 * n * heads * length * length * width / (causal ? 2 : 1);
}
