using TorchSharp.Modules;
using static TorchSharp.torch.nn;
using PeerModule = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Flambeau.Benchmarks.Workloads;

// The peer's networks: ours of Networks.cs, word for word.

static class PeerNetworks
{
    public static PeerModule Mlp(params long[] sizes)
    {
        List<PeerModule> s = [];
        for (int i = 1; i < sizes.Length; i++)
        {
            s.Add(Linear(sizes[i - 1], sizes[i]));
            if (i < sizes.Length - 1) s.Add(ReLU());
        }
        return Sequential(s);
    }

    public static PeerModule LeNet() => Sequential(
        Conv2d(1, 6, 5, padding: 2), ReLU(), MaxPool2d(2), Conv2d(6, 16, 5), ReLU(), MaxPool2d(2), Flatten(),
        Linear(400, 120), ReLU(), Linear(120, 84), ReLU(), Linear(84, 10));

    public static PeerModule ResNet18()
    {
        List<PeerModule> s = [Conv2d(3, 64, 3, padding: 1, bias: false), BatchNorm2d(64), ReLU()];
        long width = 64;
        foreach (long next in new long[] { 64, 128, 256, 512 })
        {
            s.Add(new PeerResidual(width, next, next == width ? 1 : 2));
            s.Add(new PeerResidual(next, next, 1));
            width = next;
        }
        s.AddRange([AdaptiveAvgPool2d(1), Flatten(), Linear(512, 10)]);
        return Sequential(s);
    }
}

sealed class PeerResidual : PeerModule
{
    readonly Conv2d _conv1;
    readonly BatchNorm2d _norm1;
    readonly Conv2d _conv2;
    readonly BatchNorm2d _norm2;
    readonly Conv2d? _shortConv;
    readonly BatchNorm2d? _shortNorm;

    public PeerResidual(long from, long to, long stride) : base("Residual")
    {
        _conv1 = Conv2d(from, to, 3, stride, 1, bias: false);
        _norm1 = BatchNorm2d(to);
        _conv2 = Conv2d(to, to, 3, padding: 1, bias: false);
        _norm2 = BatchNorm2d(to);
        if (from != to) (_shortConv, _shortNorm) = (Conv2d(from, to, 1, stride, bias: false), BatchNorm2d(to));
        RegisterComponents();
    }

    public override T forward(T x)
    {
        T y = _norm2.call(_conv2.call(TF.relu(_norm1.call(_conv1.call(x)))));
        return TF.relu(y + (_shortConv is null ? x : _shortNorm!.call(_shortConv.call(x))));
    }
}

sealed class PeerGpt : PeerModule
{
    readonly Embedding _words;
    readonly Embedding _places;
    readonly ModuleList<PeerGptBlock> _blocks;
    readonly LayerNorm _norm;
    readonly Linear _head;

    public PeerGpt(long words, long length, long width, int layers, int heads) : base("Gpt")
    {
        _words = Embedding(words, width);
        _places = Embedding(length, width);
        _blocks = ModuleList<PeerGptBlock>([.. Enumerable.Range(0, layers).Select(_ => new PeerGptBlock(width, heads))]);
        _norm = LayerNorm(width);
        _head = Linear(width, words, hasBias: false);
        RegisterComponents();
    }

    public override T forward(T x)
    {
        T h = _words.call(x) + _places.call(torch.arange(x.shape[1]));
        foreach (PeerGptBlock b in _blocks) h = b.call(h);
        return _head.call(_norm.call(h));
    }
}

sealed class PeerGptBlock : PeerModule
{
    readonly LayerNorm _norm1;
    readonly Linear _qkv;
    readonly Linear _projection;
    readonly LayerNorm _norm2;
    readonly Linear _up;
    readonly Linear _down;
    readonly long _width;
    readonly int _heads;

    public PeerGptBlock(long width, int heads) : base("Block")
    {
        (_width, _heads) = (width, heads);
        _norm1 = LayerNorm(width);
        _qkv = Linear(width, 3 * width);
        _projection = Linear(width, width);
        _norm2 = LayerNorm(width);
        _up = Linear(width, 4 * width);
        _down = Linear(4 * width, width);
        RegisterComponents();
    }

    public override T forward(T x)
    {
        long n = x.shape[0], l = x.shape[1];
        T[] qkv = _qkv.call(_norm1.call(x)).chunk(3, -1);
        T Heads(T t) => t.reshape(n, l, _heads, -1).transpose(1, 2);
        T a = TF.scaled_dot_product_attention(Heads(qkv[0]), Heads(qkv[1]), Heads(qkv[2]), is_casual: true);
        x = x + _projection.call(a.transpose(1, 2).reshape(n, l, _width));
        return x + _down.call(TF.gelu(_up.call(_norm2.call(x))));
    }
}

sealed class PeerTreeLstm : PeerModule
{
    readonly Embedding _words;
    readonly Linear _gates;
    readonly Linear _head;

    public PeerTreeLstm(long words, long width) : base("TreeLstm")
    {
        _words = Embedding(words, width);
        _gates = Linear(2 * width, 5 * width);
        _head = Linear(width, 2);
        RegisterComponents();
    }

    public override T forward(T leaves)
    {
        T rows = _words.call(leaves);
        return _head.call(Node(rows, 0, leaves.numel()).H);
    }

    (T H, T C) Node(T rows, long begin, long end)
    {
        if (end - begin == 1)
        {
            T leaf = rows.narrow(0, begin, 1);
            return (leaf.tanh(), leaf);
        }
        (T H, T C) a = Node(rows, begin, (begin + end) / 2), b = Node(rows, (begin + end) / 2, end);
        T[] g = _gates.call(torch.cat([a.H, b.H], 1)).chunk(5, 1);
        T c = g[0].sigmoid() * g[1].tanh() + g[2].sigmoid() * a.C + g[3].sigmoid() * b.C;
        return (g[4].sigmoid() * c.tanh(), c);
    }
}
