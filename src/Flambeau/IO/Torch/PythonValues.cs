namespace Flambeau.IO;

/// <summary>A class, function or constant that stands in a PyTorch file by its name, such as <c>torch.strided</c> or <c>builtins.dict</c>. Nothing is behind it.</summary>
/// <param name="Name">Its full name in Python.</param>
public sealed record PythonName(string Name);

/// <summary>Python's <c>slice</c>.</summary>
/// <param name="Start">Where it begins, or null.</param>
/// <param name="Stop">Where it ends, or null.</param>
/// <param name="Step">Its step, or null.</param>
public sealed record PythonSlice(object? Start, object? Stop, object? Step);

/// <summary>Python's <c>range</c>.</summary>
/// <param name="Start">The first number.</param>
/// <param name="Stop">The first number that is not in it any more.</param>
/// <param name="Step">From one to the next.</param>
public sealed record PythonRange(long Start, long Stop, long Step);

/// <summary>PyTorch's <c>torch.device</c> as a file names it; this machine need not have it.</summary>
/// <param name="Type">The kind: <c>cpu</c>, <c>cuda</c> …</param>
/// <param name="Index">Which one, if it says so.</param>
public sealed record TorchDevice(string Type, long? Index = null)
{
    /// <summary>PyTorch's spelling: <c>cuda:0</c>.</summary>
    public override string ToString() => Index is { } i ? FormattableString.Invariant($"{Type}:{i}") : Type;
}

/// <summary>An object of a TorchScript archive: the name of its class, and what it holds. Its code is not read.</summary>
/// <param name="ClassName">The name, such as <c>__torch__.torch.nn.modules.conv.Conv2d</c>.</param>
public sealed record TorchScriptObject(string ClassName)
{
    /// <summary>Its parameters, buffers, modules and constants by name; <c>__state__</c> where the class has a state of its own form.</summary>
    public OrderedDictionary<object, object?> Attributes { get; internal set; } = new(PythonKeys.Instance);
}

/// <summary>
/// Keys of Python's dictionaries and members of its sets: tuples are equal where their items are. Whoever writes a file cannot choose
/// keys of one hash, which would make reading it take forever.
/// </summary>
internal sealed class PythonKeys : IEqualityComparer<object?>
{
    /// <summary>Tuples in tuples may share parts: a small file could hold one with more items than there are atoms.</summary>
    const int MostItems = 1000;

    public static readonly PythonKeys Instance = new();

    public new bool Equals(object? a, object? b) => (a, b) switch
    {
        (object?[] x, object?[] y) => x.Length == y.Length && x.AsSpan().SequenceEqual(y, this),
        (byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y),
        _ => object.Equals(a, b),
    };

    public int GetHashCode(object? key)
    {
        HashCode h = new();
        Add(ref h, key);
        return h.ToHashCode();
    }

    static void Add(ref HashCode h, object? key)
    {
        switch (key)
        {
            case long n: AddBits(ref h, n); break;
            case double x: AddBits(ref h, BitConverter.DoubleToInt64Bits(x == 0 ? 0 : x)); break;
            case byte[] bytes: h.AddBytes(bytes); break;
            case object?[] items:
                foreach (object? i in items) Add(ref h, i);
                break;
            default: h.Add(key); break;
        }
    }

    // A long's own hash is the two halves xored, which many share.
    static void AddBits(ref HashCode h, long bits)
    {
        h.Add((int)bits);
        h.Add((int)(bits >> 32));
    }

    /// <summary>Whether it may be a key. None may not, since a .NET dictionary has no such key.</summary>
    public static bool IsKey(object? key)
    {
        int left = MostItems;
        return key is not null && Check(key, ref left);

        static bool Check(object? key, ref int left)
        {
            if (--left < 0) return false;
            if (key is not object?[] items) return key is null or string or long or double or bool or byte[] or System.Numerics.BigInteger or DType or PythonName or TorchDevice;
            foreach (object? i in items) if (!Check(i, ref left)) return false;
            return true;
        }
    }
}
