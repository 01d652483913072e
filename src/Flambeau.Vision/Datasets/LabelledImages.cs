namespace Flambeau.Vision.Datasets;

/// <summary>Gray images of one size, each with the number of its class.</summary>
public sealed class LabelledImages
{
    private LabelledImages(int rows, int columns, byte[] pixels, byte[] labels) =>
        (Rows, Columns, Pixels, Labels) = (rows, columns, pixels, labels);

    /// <summary>How many images there are.</summary>
    public int Count => Labels.Length;

    /// <summary>An image's height.</summary>
    public int Rows { get; }

    /// <summary>An image's width.</summary>
    public int Columns { get; }

    /// <summary>Image after image, row by row; 0 is black, 255 white.</summary>
    public byte[] Pixels { get; }

    /// <summary>The class of each image.</summary>
    public byte[] Labels { get; }

    /// <summary>The pixels of one image.</summary>
    public ReadOnlySpan<byte> this[int index] => Pixels.AsSpan(index * Rows * Columns, Rows * Columns);

    /// <summary>Reads a pair of IDX files, plain or compressed.</summary>
    /// <param name="imagesPath">(images, rows, columns).</param>
    /// <param name="labelsPath">(images).</param>
    /// <param name="classes">Labels must be less than this.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the two do not belong together; the message names them and says what
    /// is wrong.</exception>
    public static LabelledImages Read(string imagesPath, string labelsPath, int classes)
    {
        IdxArray images = IdxFile.Read(imagesPath), labels = IdxFile.Read(labelsPath);
        if (images.Shape.Count != 3)
        {
            throw new InvalidDataException(
                $"'{imagesPath}' holds an array of {images.Shape.Count} axes, not images (images, rows, columns).");
        }
        if (labels.Shape.Count != 1)
        {
            throw new InvalidDataException($"'{labelsPath}' holds an array of {labels.Shape.Count} axes, not labels (images).");
        }
        if (images.Shape[0] != labels.Shape[0])
        {
            throw new InvalidDataException(
                $"'{imagesPath}' holds {images.Shape[0]:N0} images, but '{labelsPath}' {labels.Shape[0]:N0} labels.");
        }
        int wrong = labels.Data.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (wrong >= 0)
        {
            throw new InvalidDataException($"'{labelsPath}': label {wrong} is {labels.Data[wrong]}; there are classes 0 to {classes - 1}.");
        }
        return new(images.Shape[1], images.Shape[2], images.Data, labels.Data);
    }
}
