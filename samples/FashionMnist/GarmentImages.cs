using Flambeau.Datasets;
using Flambeau.Vision.Datasets;

namespace Flambeau.Samples.FashionMnist;

/// <summary>
/// The images as tensors in [−1, 1]; in training, mirrored by the toss of a coin and moved by up to two pixels, as generators seeded by
/// epoch and number say.
/// </summary>
sealed class GarmentImages(LabelledImages images, bool varies) : IRandomDataset<(Tensor Input, Tensor Target)>
{
    const int Side = Vision.Datasets.FashionMnist.Side;

    public int Count => images.Count;

    public (Tensor Input, Tensor Target) this[int index] => Make(index, 0, 0, mirror: false);

    public (Tensor Input, Tensor Target) Get(int index, Generator generator)
    {
        if (!varies) return this[index];
        uint bits = generator.NextUInt32();
        return Make(index, (int)(bits % 5) - 2, (int)(bits / 5 % 5) - 2, (bits >> 16 & 1) != 0);
    }

    (Tensor, Tensor) Make(int index, int dx, int dy, bool mirror)
    {
        ReadOnlySpan<byte> pixels = images[index];
        Span<float> x = stackalloc float[Side * Side];
        x.Fill(-1);
        for (int i = Math.Max(0, dy); i < Math.Min(Side, Side + dy); i++)
            for (int j = Math.Max(0, dx); j < Math.Min(Side, Side + dx); j++)
                x[i * Side + (mirror ? Side - 1 - j : j)] = pixels[(i - dy) * Side + j - dx] / 127.5f - 1;
        return (Tensor.From<float>(x, 1, Side, Side), Tensor.FromScalar((long)images.Labels[index]));
    }
}
