using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

// Our networks. The peer's stand in PeerNetworks.cs, with their parameters in the same order.

static class Networks
{
    public static Sequential Mlp(params long[] sizes)
    {
        Sequential s = [];
        for (int i = 1; i < sizes.Length; i++)
        {
            s.Add(new Linear(sizes[i - 1], sizes[i]));
            if (i < sizes.Length - 1) s.Add(new Relu());
        }
        return s;
    }

    /// <summary>(N, 1, 28, 28) → (N, 10); LeCun, Bottou, Bengio, Haffner 1998, with max pooling and ReLU.</summary>
    public static Sequential LeNet() => new(
        new Conv2d(1, 6, 5, padding: 2), new Relu(), new MaxPool2d(2), new Conv2d(6, 16, 5), new Relu(), new MaxPool2d(2), new Flatten(),
        new Linear(400, 120), new Relu(), new Linear(120, 84), new Relu(), new Linear(84, 10));

    /// <summary>(N, 3, 32, 32) → (N, 10); He, Zhang, Ren, Sun 2015 for small pictures: a 3×3 stem without pooling.</summary>
    public static Sequential ResNet18()
    {
        Sequential s = new(new Conv2d(3, 64, 3, padding: 1, bias: false), new BatchNorm2d(64), new Relu());
        long width = 64;
        foreach (long next in new long[] { 64, 128, 256, 512 })
        {
            s.Add(new Residual(width, next, next == width ? 1 : 2));
            s.Add(new Residual(next, next, 1));
            width = next;
        }
        s.Add(new AdaptiveAvgPool2d(1));
        s.Add(new Flatten());
        s.Add(new Linear(512, 10));
        return s;
    }
}

sealed class Residual(long from, long to, long stride) : UnaryModule
{
    public Conv2d Conv1 { get; } = new(from, to, 3, stride, 1, bias: false);
    public BatchNorm2d Norm1 { get; } = new(to);
    public Conv2d Conv2 { get; } = new(to, to, 3, padding: 1, bias: false);
    public BatchNorm2d Norm2 { get; } = new(to);
    public Conv2d? ShortConv { get; } = from == to ? null : new(from, to, 1, stride, bias: false);
    public BatchNorm2d? ShortNorm { get; } = from == to ? null : new(to);

    public override Tensor Forward(Tensor x)
    {
        Tensor y = Norm2.Call(Conv2.Call(F.Relu(Norm1.Call(Conv1.Call(x)))));
        return F.Relu(y + (ShortConv is null ? x : ShortNorm!.Call(ShortConv.Call(x))));
    }
}

/// <summary>(N, L) → (N, L, words)</summary>
sealed class Gpt(long words, long length, long width, int layers, int heads) : UnaryModule
{
    public Embedding Words { get; } = new(words, width);
    public Embedding Places { get; } = new(length, width);
    public ModuleList<GptBlock> Blocks { get; } = new([.. Enumerable.Range(0, layers).Select(_ => new GptBlock(width, heads))]);
    public LayerNorm Norm { get; } = new([width]);
    public Linear Head { get; } = new(width, words, bias: false);

    public override Tensor Forward(Tensor x)
    {
        Tensor h = Words.Call(x) + Places.Call(Tensor.Arange(x.Shape[1]));
        foreach (GptBlock b in Blocks) h = b.Call(h);
        return Head.Call(Norm.Call(h));
    }
}

sealed class GptBlock(long width, int heads) : UnaryModule
{
    public LayerNorm Norm1 { get; } = new([width]);
    public Linear Qkv { get; } = new(width, 3 * width);
    public Linear Projection { get; } = new(width, width);
    public LayerNorm Norm2 { get; } = new([width]);
    public Linear Up { get; } = new(width, 4 * width);
    public Linear Down { get; } = new(4 * width, width);

    public override Tensor Forward(Tensor x)
    {
        long n = x.Shape[0], l = x.Shape[1];
        Tensor[] qkv = Qkv.Call(Norm1.Call(x)).Chunk(3, -1);
        Tensor Heads(Tensor t) => t.Reshape(n, l, heads, -1).Transpose(1, 2);
        Tensor a = F.ScaledDotProductAttention(Heads(qkv[0]), Heads(qkv[1]), Heads(qkv[2]), isCausal: true);
        x = x + Projection.Call(a.Transpose(1, 2).Reshape(n, l, width));
        return x + Down.Call(Up.Call(Norm2.Call(x)).Gelu());
    }
}

/// <summary>A full binary tree, node by node: Tai, Socher, Manning 2015, equations 9–14. (leaves) of word numbers → (1, 2).</summary>
sealed class TreeLstm(long words, long width) : UnaryModule
{
    public Embedding Words { get; } = new(words, width);
    public Linear Gates { get; } = new(2 * width, 5 * width);
    public Linear Head { get; } = new(width, 2);

    public override Tensor Forward(Tensor leaves)
    {
        Tensor rows = Words.Call(leaves);
        return Head.Call(Node(rows, 0, leaves.Count).H);
    }

    (Tensor H, Tensor C) Node(Tensor rows, long begin, long end)
    {
        if (end - begin == 1)
        {
            Tensor leaf = rows.Narrow(0, begin, 1);
            return (leaf.Tanh(), leaf);
        }
        (Tensor H, Tensor C) a = Node(rows, begin, (begin + end) / 2), b = Node(rows, (begin + end) / 2, end);
        Tensor[] g = Gates.Call(Tensor.Cat([a.H, b.H], 1)).Chunk(5, 1);
        Tensor c = g[0].Sigmoid() * g[1].Tanh() + g[2].Sigmoid() * a.C + g[3].Sigmoid() * b.C;
        return (g[4].Sigmoid() * c.Tanh(), c);
    }
}
