using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Flambeau.IO;

/// <summary>
/// The stack machine of Python's pickles, protocols 0 to 5 (https://docs.python.org/3/library/pickletools.html), without its power: the
/// only classes and functions it knows are those of <see cref="PickleTypes"/>, which are written here. It takes memory in proportion to
/// the pickle, and stops with an InvalidDataException at whatever no pickler writes.
/// </summary>
internal sealed class Unpickler(PickleReader source, PickleTypes types)
{
    const int MostMarks = 1000, MostDigits = 4300, MostMemo = 1 << 26;                           // Python's own recursion limit, and its limit for numbers in decimal

    static readonly object s_nothing = new();

    readonly List<object?> _stack = [];
    readonly Stack<int> _marks = [];
    object?[] _memo = [];
    int _memoized;

    /// <summary>Reads one pickle, and leaves the source behind it.</summary>
    public object? Load()
    {
        _stack.Clear();
        _marks.Clear();
        _memo = [];
        _memoized = 0;
        while (true)
        {
            byte op = source.Byte();
            if (op == '.')
            {
                object? root = Pop();
                if (_stack.Count > 0) throw new InvalidDataException("the pickle leaves values over");
                types.CheckFinished();
                return root;
            }
            Do(op);
        }
    }

    void Do(byte op)
    {
        switch (op)
        {
            // ---- structure ----
            case 0x80:                                                          // PROTO
                if (source.Byte() is > 5 and var p) throw new InvalidDataException($"the pickle has protocol {p}; 0 to 5 are known");
                break;
            case 0x95: source.UInt64(); break;                                  // FRAME: a hint for readers of files
            case (byte)'(':
                if (_marks.Count == MostMarks) throw new InvalidDataException($"values are nested deeper than {MostMarks}");
                _marks.Push(_stack.Count);
                break;
            case (byte)'0':                                                     // POP, which may take a mark
                if (_marks.TryPeek(out int m) && m == _stack.Count) _marks.Pop();
                else Pop();
                break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(Peek()); break;                                // DUP

            // ---- the memo ----
            case (byte)'g': Push(Recall(Index(source.LineText()))); break;
            case (byte)'h': Push(Recall(source.Byte())); break;
            case (byte)'j': Push(Recall(source.UInt32())); break;
            case (byte)'p': Memoize(Index(source.LineText())); break;
            case (byte)'q': Memoize(source.Byte()); break;
            case (byte)'r': Memoize(source.UInt32()); break;
            case 0x94: Memoize(_memoized); break;

            // ---- plain values ----
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'I':
                string digits = source.LineText();
                Push(digits switch { "00" => false, "01" => true, _ => Integer(digits) });
                break;
            case (byte)'L': Push(Integer(source.LineText().TrimEnd('L'))); break;
            case (byte)'J': Push((long)(int)source.UInt32()); break;
            case (byte)'K': Push((long)source.Byte()); break;
            case (byte)'M': Push((long)source.UInt16()); break;
            case 0x8a: Push(Integer(source.Bytes(source.Byte()))); break;
            case 0x8b: Push(Integer(source.Bytes(Length(source.UInt32())))); break;
            case (byte)'F':
                string number = source.LineText();
                Push(double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double x) ? x
                    : number switch { "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, "nan" => double.NaN, _ => throw new InvalidDataException("a number is none") });
                break;
            case (byte)'G': Push(source.DoubleBigEndian()); break;
            case (byte)'S': Push(Quoted(source.Line())); break;
            case (byte)'T': Push(OldText(source.Bytes(Length(source.UInt32())))); break;
            case (byte)'U': Push(OldText(source.Bytes(source.Byte()))); break;
            case (byte)'V': Push(RawUnicode(source.Line())); break;
            case (byte)'X': Push(source.Text(source.UInt32())); break;
            case 0x8c: Push(source.Text(source.Byte())); break;
            case 0x8d: Push(source.Text(source.UInt64())); break;
            case (byte)'B': Push(source.Bytes(source.UInt32())); break;
            case (byte)'C': Push(source.Bytes(source.Byte())); break;
            case 0x8e or 0x96: Push(source.Bytes(source.UInt64())); break;      // BINBYTES8, BYTEARRAY8

            // ---- collections ----
            case (byte)')': Push(Array.Empty<object?>()); break;
            case 0x85: Push(new[] { Pop() }); break;
            case 0x86: Push(PopMany(2)); break;
            case 0x87: Push(PopMany(3)); break;
            case (byte)'t': Push(PopToMark()); break;
            case (byte)']': Push(new List<object?>()); break;
            case (byte)'l': Push(new List<object?>(PopToMark())); break;
            case (byte)'a':
                object? item = Pop();
                Top<List<object?>>("a list").Add(item);
                break;
            case (byte)'e':
                object?[] items = PopToMark();
                Top<List<object?>>("a list").AddRange(items);
                break;
            case (byte)'}': Push(PickleTypes.NewDictionary()); break;
            case (byte)'d':
                object?[] pairs = PopToMark();
                Push(PickleTypes.NewDictionary());
                SetItems(pairs);
                break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case 0x8f: Push(PickleTypes.NewSet()); break;
            case 0x90:
                object?[] members = PopToMark();
                PickleTypes.AddAll(Top<HashSet<object?>>("a set"), members);
                break;
            case 0x91: Push(PickleTypes.AddAll(PickleTypes.NewSet(), PopToMark())); break;

            // ---- classes and functions ----
            case (byte)'c': Push(types.Resolve(source.LineText(), source.LineText())); break;
            case 0x93:
                object?[] name = PopMany(2);
                Push(name is [string module, string member] ? types.Resolve(module, member) : throw new InvalidDataException("a name is no text"));
                break;
            case (byte)'R':
                object?[] call = PopMany(2);
                Push(types.Call(Called(call[0]), Arguments(call[1])));
                break;
            case 0x81:
                object?[] made = PopMany(2);
                Push(types.Make(Called(made[0]), Arguments(made[1])));
                break;
            case 0x92:
                object?[] with = PopMany(3);
                if (with[2] is not OrderedDictionary<object, object?> { Count: 0 }) throw new InvalidDataException($"'{Called(with[0]).Name}' is made with named arguments");
                Push(types.Make(Called(with[0]), Arguments(with[1])));
                break;
            case (byte)'b':
                object? state = Pop(), target = Pop();
                object? built = types.Build(target, state);
                Push(built);
                if (target is Unfinished u) foreach (int slot in u.MemoSlots) _memo[slot] = built;
                break;
            case (byte)'Q': Push(types.Persistent(Pop())); break;

            case (byte)'i': throw new InvalidDataException($"the file asks for '{source.LineText()}.{source.LineText()}', made as only programs of Python 2 do");
            case (byte)'o': throw new InvalidDataException("an object is made as only programs of Python 2 do");
            case (byte)'P': throw new InvalidDataException("a storage is named by a text, as PyTorch never does");
            case 0x82 or 0x83 or 0x84: throw new InvalidDataException("a class is named by a number that only another program knows");
            case 0x97 or 0x98: throw new InvalidDataException("a buffer is kept outside the file");
            default: throw new InvalidDataException($"no pickle has the instruction 0x{op:x2}");
        }
    }

    // ---- the stack ----

    void Push(object? value) => _stack.Add(value);

    /// <summary>How far down one may take: to the last mark.</summary>
    int Floor => _marks.TryPeek(out int m) ? m : 0;

    object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    object? Pop()
    {
        object? top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    object?[] PopMany(int n)
    {
        int from = _stack.Count - n;
        if (from < Floor) throw Underflow();
        object?[] items = [.. _stack[from..]];
        _stack.RemoveRange(from, n);
        return items;
    }

    object?[] PopToMark()
    {
        if (!_marks.TryPop(out int from)) throw Underflow();
        object?[] items = [.. _stack[from..]];
        _stack.RemoveRange(from, items.Length);
        return items;
    }

    T Top<T>(string what) where T : class => Peek() as T ?? throw new InvalidDataException($"something is added to what is not {what}");

    static InvalidDataException Underflow() => new("the pickle takes more values than there are");

    void SetItems(object?[] pairs)
    {
        var target = Top<OrderedDictionary<object, object?>>("a dictionary");
        if (pairs.Length % 2 != 0) throw new InvalidDataException("a dictionary's key has no value");
        for (int i = 0; i < pairs.Length; i += 2) PickleTypes.Set(target, pairs[i], pairs[i + 1]);
    }

    static PythonName Called(object? f) => f as PythonName ?? throw new InvalidDataException($"a {PickleTypes.Describe(f)} is called, which is no function");

    static object?[] Arguments(object? args) => args as object?[] ?? throw new InvalidDataException("the arguments of a call are no tuple");

    // ---- the memo ----

    object? Recall(long i) => (ulong)i < (ulong)_memo.Length && _memo[i] != s_nothing ? _memo[i] : throw new InvalidDataException("a value is recalled that was never kept");

    void Memoize(long i)
    {
        // Each value kept takes an instruction: indices beyond the pickle's length serve only to use up memory.
        if (i < 0 || i >= Math.Min(source.Length, MostMemo)) throw new InvalidDataException("a value is kept under a number beyond the pickle's length");
        if (i >= _memo.Length)
        {
            int old = _memo.Length;
            Array.Resize(ref _memo, (int)Math.Max(i + 1, Math.Min(2L * old + 16, source.Length)));
            _memo.AsSpan(old).Fill(s_nothing);
        }
        _memo[i] = Peek();
        _memoized++;
        if (_memo[i] is Unfinished u) u.MemoSlots.Add((int)i);
    }

    static long Index(string digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long i) ? i
        : throw new InvalidDataException("a number of a kept value is none");

    // ---- values in old forms ----

    static ulong Length(uint n) => n <= int.MaxValue ? n : throw new InvalidDataException("a length is negative");

    static object Integer(byte[] littleEndian) => littleEndian.Length <= 8 && Fits(littleEndian, out long n) ? n : (object)new BigInteger(littleEndian);

    static bool Fits(byte[] b, out long n)
    {
        Span<byte> wide = stackalloc byte[8];
        wide.Fill(b is [.., >= 0x80] ? (byte)0xff : (byte)0);
        b.CopyTo(wide);
        n = BinaryPrimitives.ReadInt64LittleEndian(wide);
        return true;
    }

    static object Integer(string digits)
    {
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n)) return n;
        return digits.Length <= MostDigits && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger big) ? big
            : throw new InvalidDataException("a number is none");
    }

    /// <summary>A string of Python 2: text where it is text, else bytes.</summary>
    static object OldText(byte[] bytes) => bytes.AsSpan().IndexOfAnyInRange((byte)0x80, (byte)0xff) < 0 ? Encoding.ASCII.GetString(bytes) : bytes;

    /// <summary>A literal as Python 2 prints it.</summary>
    static object Quoted(byte[] line)
    {
        if (line.Length < 2 || line[0] is not ((byte)'\'' or (byte)'"') || line[0] != line[^1]) throw new InvalidDataException("a text lacks its quotes");
        List<byte> bytes = [];
        for (int i = 1; i < line.Length - 1; i++)
        {
            byte b = line[i];
            if (b != '\\') { bytes.Add(b); continue; }
            if (++i >= line.Length - 1) throw Escape();
            switch (line[i])
            {
                case (byte)'n': bytes.Add((byte)'\n'); break;
                case (byte)'r': bytes.Add((byte)'\r'); break;
                case (byte)'t': bytes.Add((byte)'\t'); break;
                case (byte)'x' when i + 2 < line.Length - 1 && byte.TryParse(line.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte code):
                    bytes.Add(code);
                    i += 2;
                    break;
                case (byte)'\\' or (byte)'\'' or (byte)'"': bytes.Add(line[i]); break;
                default: throw Escape();
            }
        }
        return OldText([.. bytes]);
    }

    /// <summary>Latin-1 with \uXXXX and \UXXXXXXXX.</summary>
    static string RawUnicode(byte[] line)
    {
        StringBuilder s = new(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            int n = line[i] != '\\' || i + 1 >= line.Length ? 0 : line[i + 1] switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 };
            if (n == 0) { s.Append((char)line[i]); continue; }
            if (i + 2 + n > line.Length || !uint.TryParse(line.AsSpan(i + 2, n), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || code > 0x10ffff) throw Escape();
            if (code > 0xffff) s.Append(char.ConvertFromUtf32((int)code));
            else s.Append((char)code);
            i += 1 + n;
        }
        return s.ToString();
    }

    static InvalidDataException Escape() => new("a text has a wrong escape");
}

/// <summary>What a later instruction of the pickle makes whole: an array of NumPy before its elements are known.</summary>
internal abstract class Unfinished
{
    public List<int> MemoSlots { get; } = [];
}
