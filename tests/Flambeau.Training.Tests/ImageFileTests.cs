using System.Buffers.Binary;
using Flambeau.Vision;
using Xunit;

namespace Flambeau.Training.Tests;

public class ImageFileTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Pictures");

    public static TheoryData<string> All => [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path))];

    private static Image Read(string name) => ImageFile.Read(Path.Combine(Folder, name));

    [Theory]
    [InlineData("rgb.png", 3)]
    [InlineData("rgba.png", 4)]
    [InlineData("gray.png", 1)]
    [InlineData("gray-opacity.png", 2)]
    [InlineData("gray16.png", 1)]
    [InlineData("bits1.png", 1)]
    [InlineData("palette4.png", 3)]
    [InlineData("baseline.jpg", 3)]
    [InlineData("progressive.jpg", 3)]
    [InlineData("rgb.bmp", 3)]
    public void Shape_is_the_files(string name, int channels)
    {
        Image image = Read(name);
        Assert.Equal((23, 17, channels), (image.Width, image.Height, image.Channels));
    }

    [Theory]
    [InlineData("rgb.png", "rgb.bmp")]
    [InlineData("rgb.png", "rgb-interlaced.png")]
    [InlineData("palette4.png", "palette4.bmp")]
    [InlineData("palette4.png", "palette.gif")]
    [InlineData("palette4.png", "palette4-interlaced.png")]
    [InlineData("bits1.png", "bits1-interlaced.png")]
    [InlineData("gray16.png", "gray16-interlaced.png")]
    public void Same_picture_in_another_format_has_the_same_pixels(string one, string other) =>
        Assert.Equal(Read(one).ToRgb().Pixels, Read(other).ToRgb().Pixels);

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    public void Jpeg_is_close_to_the_original(string name)
    {
        byte[] expected = Read("rgb.png").Pixels, actual = Read(name).Pixels;
        Assert.True(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Average() < 12);
    }

    [Fact]
    public void Samples_are_scaled_to_bytes()
    {
        Image gray = Read("gray.png"), gray16 = Read("gray16.png");
        for (int y = 0; y < 17; y++)
        {
            for (int x = 0; x < 23; x++)
            {
                int i = y * 23 + x;
                Assert.Equal((gray.Pixels[i] * 256 + x * y) % 65536 >> 8, gray16.Pixels[i]);
            }
        }
        Assert.Equal([(byte)0, (byte)255], Read("bits1.png").Pixels.Distinct().Order().ToArray());
    }

    [Fact]
    public void Opacity_is_read_and_laid_over_the_background()
    {
        Image rgba = Read("rgba.png"), gray = Read("gray.png"), rgb = Read("rgb.png");
        Assert.Equal(gray.Pixels, rgba.Pixels.Chunk(4).Select(p => p[3]));
        Assert.Equal(rgb.Pixels, rgba.Pixels.Chunk(4).SelectMany(p => p[..3]));
        Assert.Equal([0, 0, 100], new Image(3, 1, 2, [7, 0, 0, 255, 200, 127]).ToGray(background: 0).Pixels);
        Assert.Equal([255, 0], new Image(2, 1, 2, [7, 0, 0, 255]).ToGray().Pixels);
    }

    [Fact]
    public void Gray_follows_the_usual_weights()
    {
        byte[] expected = Read("gray.png").Pixels, actual = Read("rgb.png").ToGray().Pixels;
        Assert.All(expected.Zip(actual), p => Assert.InRange(p.First - p.Second, -1, 1));
    }

    [Theory, MemberData(nameof(All))]
    public void Every_truncation_is_reported(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Folder, name));
        // What follows the pixels (a GIF's trailer, the padding of a BMP's last row) may be missing.
        for (int length = 0; length < whole.Length - 3; length++)
        {
            Assert.Throws<InvalidDataException>(() => ImageFile.Decode(whole[..length]));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Altered_bytes_give_a_picture_or_the_exception(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Folder, name));
        Random random = new(5);
        for (int i = 0; i < 400; i++)
        {
            byte[] altered = (byte[])whole.Clone();
            for (int k = random.Next(1, 5); k > 0; k--) altered[random.Next(altered.Length)] = (byte)random.Next(256);
            if (i % 2 == 0 && name.EndsWith(".png")) RightChecksums(altered);
            try
            {
                ImageFile.Decode(altered);
            }
            catch (InvalidDataException e)
            {
                Assert.Contains("cannot be read", e.Message);
            }
        }
    }

    /// <summary>Lets altered bytes get past the checksums.</summary>
    private static void RightChecksums(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - at - 12) return;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + (int)length), Crc32.Of(png.AsSpan(at + 4, (int)length + 4)));
            at += 12 + (int)length;
        }
    }

    [Fact]
    public void A_preset_dictionary_is_damage()
    {
        byte[] png = File.ReadAllBytes(Path.Combine(Folder, "gray.png"));
        int zlib = png.AsSpan().IndexOf("IDAT"u8) + 4;
        png[zlib + 1] = (byte)(0x20 + 31 - (png[zlib] * 256 + 0x20) % 31);
        RightChecksums(png);
        Assert.Throws<InvalidDataException>(() => ImageFile.Decode(png));
    }

    [Fact]
    public void Errors_name_the_file_and_the_reason()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("nowhere.png", Assert.Throws<FileNotFoundException>(() => ImageFile.Read(folder["nowhere.png"])).Message);
        Check("empty.png", [], "it is empty");
        Check("text.png", "hello, world"u8.ToArray(), "not a PNG, JPEG, BMP or GIF");
        byte[] png = File.ReadAllBytes(Path.Combine(Folder, "rgb.png"));
        Check("short.png", png[..60], "ends too early");
        png[70] ^= 1;
        Check("flipped.png", png, "checksum");
        byte[] bmp = File.ReadAllBytes(Path.Combine(Folder, "rgb.bmp"));
        (bmp[19], bmp[20], bmp[23], bmp[24]) = (255, 10, 255, 10);
        Check("huge.bmp", bmp, "more than 100,000,000 pixels");

        void Check(string name, byte[] content, string reason)
        {
            string message = Assert.Throws<InvalidDataException>(() => ImageFile.Read(folder.Write(name, content))).Message;
            Assert.Contains(name, message);
            Assert.Contains(reason, message);
        }
    }

    [Fact]
    public void Shrinking_takes_the_mean_of_the_area()
    {
        Assert.Equal([20, 60], new Image(4, 2, 1, [10, 20, 50, 60, 20, 30, 60, 70]).Resize(2, 1).Pixels);
        Assert.Equal([10, 20], new Image(3, 1, 1, [10, 10, 25]).Resize(2, 1).Pixels);
    }

    [Fact]
    public void Growing_is_bilinear_and_keeps_the_ends()
    {
        Assert.Equal([0, 25, 75, 100], new Image(2, 1, 1, [0, 100]).Resize(4, 1).Pixels);
        Assert.Equal(Enumerable.Repeat((byte)9, 49), new Image(1, 1, 1, [9]).Resize(7, 7).Pixels);
        Image same = Read("rgb.png");
        Assert.Same(same, same.Resize(23, 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Resize(0, 3));
    }

    [Fact]
    public void Resizing_keeps_a_flat_colour_at_any_size()
    {
        Image flat = new(13, 7, 3, [.. Enumerable.Repeat(new byte[] { 10, 200, 255 }, 91).SelectMany(p => p)]);
        foreach ((int w, int h) in (ReadOnlySpan<(int, int)>)[(1, 1), (28, 28), (5, 50), (50, 5), (12, 6)])
        {
            Assert.All(flat.Resize(w, h).Pixels.Chunk(3), p => Assert.Equal([10, 200, 255], p));
        }
    }
}
