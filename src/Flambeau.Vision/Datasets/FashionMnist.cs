namespace Flambeau.Vision.Datasets;

/// <summary>Fashion-MNIST (Zalando SE, MIT licence): pieces of clothing in 28 × 28 gray pixels, ten classes.</summary>
/// <param name="Train">The images to learn from.</param>
/// <param name="Test">The images to judge by.</param>
public sealed record FashionMnist(LabelledImages Train, LabelledImages Test)
{
    /// <summary>Width and height of an image.</summary>
    public const int Side = 28;

    /// <summary>What the labels 0 to 9 mean.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>
    /// Reads the four files <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, <c>t10k-…</c> of a folder, with or without
    /// <c>.gz</c>.
    /// </summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not belong to the others; the message names it and says what is
    /// wrong.</exception>
    public static FashionMnist Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new(Read("train"), Read("t10k"));

        LabelledImages Read(string part)
        {
            string images = Find($"{part}-images-idx3-ubyte"), labels = Find($"{part}-labels-idx1-ubyte");
            LabelledImages set = LabelledImages.Read(images, labels, ClassNames.Count);
            if (set.Rows == Side && set.Columns == Side) return set;
            throw new InvalidDataException($"'{images}' holds images of {set.Columns} × {set.Rows} pixels, not {Side} × {Side}.");
        }

        string Find(string name)
        {
            string plain = Path.Combine(folder, name);
            return File.Exists(plain) ? plain : plain + ".gz";
        }
    }
}
