using Flambeau.Nn;

namespace Flambeau.Samples.CharGpt;

/// <summary>A small GPT over characters: (N, L) of character numbers → (N, L, characters), the scores of each next character.</summary>
sealed class Gpt(long characters, long context, long width, int layers, int heads) : UnaryModule
{
    public long Context => context;

    public Embedding TokenEmbedding { get; } = new(characters, width);

    public Embedding PositionEmbedding { get; } = new(context, width);

    public ModuleList<Block> Blocks { get; } = new([.. Enumerable.Range(0, layers).Select(_ => new Block(width, heads))]);

    public LayerNorm FinalNorm { get; } = new([width]);

    public Linear Head { get; } = new(width, characters, bias: false);

    public override Tensor Forward(Tensor x)
    {
        Tensor h = TokenEmbedding.Call(x) + PositionEmbedding.Call(Tensor.Arange(x.Shape[1]));
        foreach (Block b in Blocks) h = b.Call(h);
        return Head.Call(FinalNorm.Call(h));
    }

    /// <summary>Goes on with a text, character by character.</summary>
    public IEnumerable<long> Generate(IEnumerable<long> prompt, double temperature)
    {
        List<long> text = [.. prompt];
        while (true)
        {
            long next;
            using (Autograd.InferenceMode())
            {
                Tensor x = Tensor.From<long>([.. text.TakeLast((int)context)]).Unsqueeze(0);
                next = F.Softmax(Call(x)[0, ^1] / temperature, -1).Multinomial(1).Item<long>();
            }
            text.Add(next);
            yield return next;
        }
    }
}

/// <summary>Causal attention, then a perceptron, each on normalized input and added to it.</summary>
sealed class Block(long width, int heads) : UnaryModule
{
    public LayerNorm Norm1 { get; } = new([width]);

    public Linear Qkv { get; } = new(width, 3 * width);

    public Linear Projection { get; } = new(width, width);

    public LayerNorm Norm2 { get; } = new([width]);

    public Sequential Mlp { get; } = new(new Linear(width, 4 * width), new Gelu(), new Linear(4 * width, width));

    public override Tensor Forward(Tensor x)                                                              // (N, L, width)
    {
        long n = x.Shape[0], l = x.Shape[1];
        Tensor[] qkv = Qkv.Call(Norm1.Call(x)).Chunk(3, -1);
        Tensor Heads(Tensor t) => t.Reshape(n, l, heads, -1).Transpose(1, 2);                             // (N, heads, L, width/heads)
        Tensor a = F.ScaledDotProductAttention(Heads(qkv[0]), Heads(qkv[1]), Heads(qkv[2]), isCausal: true);
        x = x + Projection.Call(a.Transpose(1, 2).Reshape(n, l, width));
        return x + Mlp.Call(Norm2.Call(x));
    }
}
