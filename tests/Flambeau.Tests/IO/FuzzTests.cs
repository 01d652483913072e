using Flambeau.IO;
using Xunit;

namespace Flambeau.Tests.IO;

/// <summary>Damaged files: refused with one exception, or read; never anything else, and never more memory than they are worth.</summary>
public sealed class FuzzTests : IDisposable
{
    const int Rounds = 10_000;
    const long MostBytes = 1 << 20;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_safetensors_files_are_refused_or_read()
    {
        using MemoryStream s = new();
        SafeTensors.Save(s, new Dictionary<string, Tensor>
        {
            ["a"] = Tensor.Ones(2, 3), ["b.weight"] = Tensor.Arange(5), ["c"] = Tensor.From(new[] { true, false }), ["d"] = Tensor.Zeros(3, 0), ["e"] = Tensor.FromScalar(1),
        }, new Dictionary<string, string> { ["format"] = "pt", ["é"] = "\"\\" });
        int read = Fuzz(s.ToArray(), file => SafeTensors.Load(new MemoryStream(file)));
        Assert.InRange(read, Rounds / 100, Rounds / 2);                        // damaged numbers are still numbers
    }

    [Fact]
    public void Damaged_checkpoints_are_refused()
    {
        CheckpointTests.Sample().Save(_folder["c"]);
        Assert.Equal(0, Fuzz(File.ReadAllBytes(_folder["c"]), Load));
    }

    [Fact]
    public void Damaged_checkpoints_with_the_right_digest_are_refused_or_read()
    {
        CheckpointTests.Sample().Save(_folder["c"]);
        int read = Fuzz(File.ReadAllBytes(_folder["c"]), file =>
        {
            CheckpointTests.Sign(file);
            Load(file);
        });
        Assert.InRange(read, Rounds / 100, Rounds / 2);
    }

    [Theory, InlineData("odd.pt"), InlineData("odd.legacy.pt"), InlineData("tagger.torchscript.pt")]
    public void Damaged_files_of_PyTorch_are_refused_or_read(string name)
    {
        byte[] good = Conformance.Corpus.OfProject("checkpoints").Bytes(name);
        int read = Fuzz(good, file => TorchFile.Load(new MemoryStream(file), checkCrc: false), DamageBytes);
        Assert.InRange(read, Rounds / 100, Rounds * 9 / 10);
        if (name == "odd.pt") Fuzz(good, file => TorchFile.Load(new MemoryStream(file)), DamageBytes);
    }

    static void Load(byte[] file) => Checkpoint.Load(new MemoryStream(file), "it");

    /// <summary>How many of the damaged files were read all the same.</summary>
    static int Fuzz(byte[] good, Action<byte[]> load, Func<byte[], System.Random, byte[]>? damage = null)
    {
        System.Random random = new(1);
        int read = 0;
        load([.. good]);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bad = (damage ?? Damage)(good, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                load(bad);
                read++;
            }
            catch (InvalidDataException) { }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }
        return read;
    }

    static byte[] Damage(byte[] good, System.Random random)
    {
        List<byte> b = [.. good];
        int header = 8 + (int)BitConverter.ToInt64(good);
        ReadOnlySpan<byte> telling = "{}[]\",:0123456789-.eE\\u$/tfn \0"u8;
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(random.Next(4) == 0 ? b.Count : Math.Min(header, b.Count));
            switch (random.Next(7))
            {
                case 0: b[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: b[at] = (byte)random.Next(256); break;
                case 2: b[at] = telling[random.Next(telling.Length)]; break;
                case 3: b.Insert(at, telling[random.Next(telling.Length)]); break;
                case 4: b.RemoveAt(at); break;
                case 5: b.InsertRange(at, b.GetRange(at, random.Next(Math.Min(40, b.Count - at)))); break;
                default: if (random.Next(4) == 0) b.RemoveRange(at, b.Count - at); break;
            }
            if (b.Count == 0) return [];
        }
        byte[] bad = [.. b];
        // Where only the length of the header changed, the true one lets the damage be seen further in.
        if (bad.Length > 8 && random.Next(2) == 0) BitConverter.TryWriteBytes(bad, Math.Max(0, header - 8L + b.Count - good.Length));
        return bad.AsSpan().SequenceEqual(good) ? [] : bad;
    }

    /// <summary>Changes anywhere; more of them where pickles and lists of entries are.</summary>
    static byte[] DamageBytes(byte[] good, System.Random random)
    {
        List<byte> b = [.. good];
        ReadOnlySpan<byte> telling = [.. "().]}{aeustRbcQqhrjKMJIGXUTN012"u8, 0x85, 0x86, 0x87, 0x88, 0x80, 0x8a];
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(random.Next(3) == 0 ? b.Count : Math.Min(3000, b.Count));
            switch (random.Next(9))
            {
                case 0: b[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: b[at] = (byte)random.Next(256); break;
                case 2 or 3: b[at] = telling[random.Next(telling.Length)]; break;
                case 4: b[at] = 255; break;
                case 5: b.Insert(at, telling[random.Next(telling.Length)]); break;
                case 6: b.RemoveAt(at); break;
                case 7: b.InsertRange(at, b.GetRange(at, random.Next(Math.Min(40, b.Count - at)))); break;
                default: if (random.Next(4) == 0) b.RemoveRange(at, b.Count - at); break;
            }
            if (b.Count == 0) return [];
        }
        return [.. b];
    }
}
