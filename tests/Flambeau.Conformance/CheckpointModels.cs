using Flambeau.Nn;

namespace Flambeau.Conformance;

/// <summary>
/// The networks whose weights are recorded, made of public modules: found by the names of a state dict, sized by its shapes. What shapes do
/// not say (strides, heads, activations) is the networks' own.
/// </summary>
public static class CheckpointModels
{
    static readonly (string[] Keys, Func<IReadOnlyDictionary<string, Tensor>, (Nn.Module, Func<Tensor, Tensor>)> Make)[] s_all =
    [
        (["conv1.weight", "bn1.running_mean", "conv2.weight", "head.1.weight"], s => Of(new ConvNet(s), m => m.Forward)),
        (["embed.weight", "encoder.layers.0.self_attn.in_proj_weight", "norm.weight", "lm_head.weight"], s => Of(new EncoderNet(s), m => m.Forward)),
        (["embed.weight", "rnn.weight_ih_l0", "out.weight"], s => Of(new TaggerNet(s), m => m.Forward)),
        (["features.0.weight", "features.3.squeeze.weight", "classifier.1.weight"], s => Of(new SqueezeNet(s), m => m.Forward)),
    ];

    static (Nn.Module, Func<Tensor, Tensor>) Of<T>(T model, Func<T, Func<Tensor, Tensor>> forward) where T : Nn.Module => (model, forward(model));

    /// <summary>The network with these weights in evaluation mode, and its forward pass; null if its architecture is not in the table.</summary>
    public static Func<Tensor, Tensor>? Make(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (var (keys, make) in s_all)
        {
            if (!keys.All(state.ContainsKey)) continue;
            (Nn.Module model, Func<Tensor, Tensor> forward) = make(state);
            model.LoadStateDict(state);
            model.Eval();
            return forward;
        }
        return null;
    }

    /// <summary>Convolution, batch norm, a grouped convolution, a linear head.</summary>
    sealed class ConvNet(IReadOnlyDictionary<string, Tensor> s) : Nn.Module
    {
        public Conv2d Conv1 { get; } = new(s["conv1.weight"].Size(1), s["conv1.weight"].Size(0), 3, padding: 1);

        public BatchNorm2d Bn1 { get; } = new(s["conv1.weight"].Size(0));

        public Conv2d Conv2 { get; } = new(s["conv1.weight"].Size(0), s["conv2.weight"].Size(0), 3, stride: 2, groups: s["conv1.weight"].Size(0) / s["conv2.weight"].Size(1));

        public Sequential Head { get; } = new(new Flatten(), new Linear(s["head.1.weight"].Size(1), s["head.1.weight"].Size(0)));

        public Tensor Forward(Tensor x) => Head.Forward(F.Relu(Conv2.Forward(F.Relu(Bn1.Forward(Conv1.Forward(x))))));
    }

    /// <summary>A transformer encoder that norms first, with GELU and 4 heads, between an embedding and a head that share their weights.</summary>
    sealed class EncoderNet(IReadOnlyDictionary<string, Tensor> s) : Nn.Module
    {
        public Embedding Embed { get; } = new(s["embed.weight"].Size(0), s["embed.weight"].Size(1));

        public TransformerEncoder Encoder { get; } = new(new TransformerEncoderLayer(s["embed.weight"].Size(1), 4, s["encoder.layers.0.linear1.weight"].Size(0), activation: "gelu",
            batchFirst: true, normFirst: true), 1 + s.Keys.Where(k => k.StartsWith("encoder.layers.", StringComparison.Ordinal)).Max(k => int.Parse(k.Split('.')[2])));

        public LayerNorm Norm { get; } = new(s["norm.weight"].Size(0));

        public Linear LmHead { get; } = new(s["lm_head.weight"].Size(1), s["lm_head.weight"].Size(0), bias: s.ContainsKey("lm_head.bias"));

        public Tensor Forward(Tensor x) => LmHead.Forward(Norm.Forward(Encoder.Forward(Embed.Forward(x))));
    }

    /// <summary>An embedding, an LSTM, a linear layer at every step.</summary>
    sealed class TaggerNet(IReadOnlyDictionary<string, Tensor> s) : Nn.Module
    {
        public Embedding Embed { get; } = new(s["embed.weight"].Size(0), s["embed.weight"].Size(1));

        public Lstm Rnn { get; } = new(s["embed.weight"].Size(1), s["rnn.weight_hh_l0"].Size(1), 1 + s.Keys.Where(k => k.StartsWith("rnn.weight_hh_l", StringComparison.Ordinal)).Max(k => k[15] - '0'),
            batchFirst: true, bidirectional: s.ContainsKey("rnn.weight_ih_l0_reverse"));

        public Linear Out { get; } = new(s["out.weight"].Size(1), s["out.weight"].Size(0));

        public Tensor Forward(Tensor x) => Out.Forward(Rnn.Forward(Embed.Forward(x)).Output);
    }

    /// <summary>SqueezeNet 1.0 and 1.1 (Iandola et al., 2016), by the kernel of the first convolution.</summary>
    sealed class SqueezeNet : Nn.Module
    {
        public SqueezeNet(IReadOnlyDictionary<string, Tensor> s)
        {
            long first = s["features.0.weight"].Size(2);
            Features.Add(new Conv2d(3, s["features.0.weight"].Size(0), first, stride: 2));
            Features.Add(new Nn.Relu());
            int last = s.Keys.Where(k => k.StartsWith("features.", StringComparison.Ordinal)).Max(k => int.Parse(k.Split('.')[1]));
            for (int i = 2; i <= last; i++)
                Features.Add(s.ContainsKey($"features.{i}.squeeze.weight") ? new Fire(s, $"features.{i}") : new MaxPool2d(3, stride: 2, ceilMode: true));
            Classifier = new(new Dropout(), new Conv2d(s["classifier.1.weight"].Size(1), s["classifier.1.weight"].Size(0), 1), new Nn.Relu(), new AdaptiveAvgPool2d(1));
        }

        public Sequential Features { get; } = [];

        public Sequential Classifier { get; }

        public Tensor Forward(Tensor x) => Classifier.Forward(Features.Forward(x)).Flatten(1);
    }

    sealed class Fire(IReadOnlyDictionary<string, Tensor> s, string name) : UnaryModule
    {
        public Conv2d Squeeze { get; } = new(s[name + ".squeeze.weight"].Size(1), s[name + ".squeeze.weight"].Size(0), 1);

        [Name("expand1x1")]
        public Conv2d Expand1 { get; } = new(s[name + ".squeeze.weight"].Size(0), s[name + ".expand1x1.weight"].Size(0), 1);

        [Name("expand3x3")]
        public Conv2d Expand3 { get; } = new(s[name + ".squeeze.weight"].Size(0), s[name + ".expand3x3.weight"].Size(0), 3, padding: 1);

        public override Tensor Forward(Tensor input)
        {
            Tensor x = F.Relu(Squeeze.Forward(input));
            return Tensor.Cat([F.Relu(Expand1.Forward(x)), F.Relu(Expand3.Forward(x))], 1);
        }
    }
}
