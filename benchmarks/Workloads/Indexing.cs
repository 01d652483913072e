using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>What moves numbers without computing any, and sorting.</summary>
static class Indexing
{
    const long Words = 50_000, Width = 256, Tokens = 4096;

    public static IEnumerable<Workload> Workloads =>
    [
        Workload.Inference("embedding 50,000x256 of 4096", () => new Embedding(Words, Width), () => torch.nn.Embedding(Words, Width), [Input.Index(Words, Tokens)], (m, x) => m.Call(x[0]),
            (m, x) => m.call(x[0])) with { Bytes = 8.0 * Tokens * Width },
        new("embedding 50,000x256 of 4096 backward", EmbeddingBackward) { Bytes = 4.0 * Words * Width },
        Workload.Op("index_select 16,384x256 rows by 16,384", [Input.Normal(16_384, 256), Input.Index(16_384, 16_384)], x => x[0].IndexSelect(0, x[1]), x => x[0].index_select(0, x[1]),
            bytes: 8.0 * 16_384 * 256),
        Workload.Op("gather 4096x1024 along rows", [Input.Normal(4096, 1024), Input.Index(1024, 4096, 1024)], x => x[0].Gather(1, x[1]), x => x[0].gather(1, x[1]), bytes: 16.0 * 4096 * 1024),
        Workload.Op("scatter_add 4096x1024 along rows", [Input.Normal(4096, 1024), Input.Index(1024, 4096, 1024), Input.Normal(4096, 1024)], x => x[0].ScatterAdd(1, x[1], x[2]),
            x => x[0].scatter_add(1, x[1], x[2]), bytes: 20.0 * 4096 * 1024),
        Workload.Op("cat 4 of 1024x1024, dim 0", [.. Enumerable.Repeat(Input.Normal(1024, 1024), 4)], x => Tensor.Cat(x, 0), x => torch.cat(x, 0), bytes: 32.0 * (1 << 20)),
        Workload.Op("cat 4 of 1024x1024, dim 1", [.. Enumerable.Repeat(Input.Normal(1024, 1024), 4)], x => Tensor.Cat(x, 1), x => torch.cat(x, 1), bytes: 32.0 * (1 << 20)),
        Workload.Op("transpose copy 4096x4096", [Input.Normal(4096, 4096)], x => x[0].T.Contiguous(), x => x[0].t().contiguous(), bytes: 8.0 * (1 << 24)),
        Workload.Op("permute copy 32x64x32x32 to channels last", [Input.Normal(32, 64, 32, 32)], x => x[0].Permute(0, 2, 3, 1).Contiguous(), x => x[0].permute(0, 2, 3, 1).contiguous(),
            bytes: 8.0 * (1 << 21)),
        Workload.Op("clone 16,777,216", [Input.Normal(1 << 24)], x => x[0].Clone(), x => x[0].clone(), bytes: 8.0 * (1 << 24)),
        Workload.Op("zeros 1,048,576", [], _ => Tensor.Zeros(1 << 20), _ => torch.zeros(1 << 20), bytes: 4.0 * (1 << 20)),
        Workload.Op("randn 1,048,576", [], _ => Tensor.Randn(1 << 20), _ => torch.randn(1 << 20)),
        Workload.Op("sort 1,048,576", [Input.Uniform(1 << 20)], x => x[0].Sort().Values, x => First(x[0].sort())),
        Workload.Op("sort 4096x1024 by rows", [Input.Uniform(4096, 1024)], x => x[0].Sort(1).Values, x => First(x[0].sort(1))),
        Workload.Op("topk 10 of 4096x1024", [Input.Uniform(4096, 1024)], x => x[0].TopK(10, 1).Values, x => First(x[0].topk(10, 1))),
        Workload.Op("masked_select half of 1,048,576", [Input.Normal(1 << 20)], x => x[0].MaskedSelect(x[0].Gt(0)), x =>
        {
            using T mask = x[0].gt(0);
            return x[0].masked_select(mask);
        }),
    ];

    // The peer's embedding is a module only. Its gradient is as large as the table, nearly all of it zeros.
    static Pair EmbeddingBackward()
    {
        Embedding m = new(Words, Width);
        Input tokens = Input.Index(Words, Tokens), seed = Input.Normal(Tokens, Width);
        Tensor y = m.Call(tokens.Ours(0)), g = seed.Ours(1);
        return new(() => Autograd.Grad([y], [m.Weight], [g], retainGraph: true)[0]!, () =>
        {
            TorchSharp.Modules.Embedding p = torch.nn.Embedding(Words, Width);
            T[] py = [p.call(tokens.Peer(0))], pw = [p.weight!], pg = [seed.Peer(1)];
            return () => torch.autograd.grad(py, pw, pg, retain_graph: true)[0];
        });
    }

    static T First((T Values, T Indices) pair)
    {
        pair.Indices.Dispose();
        return pair.Values;
    }
}
