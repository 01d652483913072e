using Flambeau.Nn;

namespace Flambeau.Samples.FashionMnist;

/// <summary>Two pairs of convolutions with batch normalization, then a classifier: 0.3 million parameters.</summary>
sealed class Network : UnaryModule
{
    public Sequential Features { get; } = new(
        new Conv2d(1, 32, 3, padding: 1, bias: false), new BatchNorm2d(32), new Relu(),
        new Conv2d(32, 32, 3, padding: 1, bias: false), new BatchNorm2d(32), new Relu(), new MaxPool2d(2),            // (N, 32, 14, 14)
        new Conv2d(32, 64, 3, padding: 1, bias: false), new BatchNorm2d(64), new Relu(),
        new Conv2d(64, 64, 3, padding: 1, bias: false), new BatchNorm2d(64), new Relu(), new MaxPool2d(2));           // (N, 64, 7, 7)

    public Sequential Classifier { get; } = new(new Flatten(), new Dropout(0.4), new Linear(64 * 7 * 7, 96), new Relu(), new Dropout(0.3), new Linear(96, 10));

    public override Tensor Forward(Tensor x) => Classifier.Call(Features.Call(x));                                    // (N, 1, 28, 28) → (N, 10)
}
