using Flambeau.Vision;

namespace Flambeau.Samples.FashionMnist;

/// <summary>A picture as the network knows pictures: 28 × 28, a light garment on black.</summary>
static class Garment
{
    const int Side = Vision.Datasets.FashionMnist.Side;

    public static Tensor Read(string path)
    {
        Image gray = ImageFile.Read(path).ToGray();
        // Padded to a square in the colour of its border, then shrunk.
        int side = Math.Max(gray.Width, gray.Height);
        double border = Border(gray);
        byte[] square = new byte[side * side];
        Array.Fill(square, (byte)border);
        for (int i = 0; i < gray.Height; i++)
            gray.Pixels.AsSpan(i * gray.Width, gray.Width).CopyTo(square.AsSpan((i + (side - gray.Height) / 2) * side + (side - gray.Width) / 2));
        byte[] small = new Image(side, side, 1, square).Resize(Side, Side).Pixels;
        bool invert = border > 127;                                            // Fashion-MNIST's ground is black
        float[] x = [.. small.Select(p => (invert ? 255 - p : p) / 127.5f - 1)];
        return Tensor.From(x).Reshape(1, 1, Side, Side);
    }

    static double Border(Image g)
    {
        double sum = 0;
        for (int x = 0; x < g.Width; x++) sum += g.Pixels[x] + g.Pixels[(g.Height - 1) * g.Width + x];
        for (int y = 0; y < g.Height; y++) sum += g.Pixels[y * g.Width] + g.Pixels[y * g.Width + g.Width - 1];
        return sum / (2 * (g.Width + g.Height));
    }
}
