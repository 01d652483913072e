using Flambeau.Nn;

namespace Flambeau.AotSmoke;

/// <summary>A convolution with normalization in a container, a linear map under another name, a list: what reflection must find after trimming.</summary>
public sealed class SmokeModel : UnaryModule
{
    public Sequential Body { get; } = new(new Conv2d(1, 4, 3, padding: 1), new BatchNorm2d(4), new Relu(), new MaxPool2d(2), new Flatten());

    public ModuleList<Linear> Heads { get; } = new([new Linear(64, 16), new Linear(16, 8)]);

    [Name("ln_f")]
    public LayerNorm FinalNorm { get; } = new(8);

    public Linear LmHead { get; } = new(8, 3, bias: false);

    public override Tensor Forward(Tensor x)
    {
        x = Body.Call(x);
        foreach (Linear l in Heads) x = l.Call(x).Tanh();
        return LmHead.Call(FinalNorm.Call(x));
    }
}
