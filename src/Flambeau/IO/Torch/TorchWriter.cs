using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Flambeau.IO;

/// <summary>A tree as a pickle of protocol 2 beside storages, in the archive that <c>torch.save</c> writes.</summary>
internal sealed class TorchWriter
{
    const int MostDepth = 100;
    const string Root = "archive/";

    /// <summary>A storage to be written: all of it, or only the one tensor that uses a part of it.</summary>
    sealed class Part(string key, Tensor first)
    {
        public string Key => key;
        public Tensor First => first;
        public int Uses = 1;

        /// <summary>Whether it is written whole: where several tensors see it, or one does not see less.</summary>
        public bool IsWhole => Uses > 1 || first.Storage.ByteLength <= TensorBytes.ByteLength(first);

        /// <summary>Its elements, if whole.</summary>
        public long Count => first.Storage.ByteLength / first.DType.ItemSize;

        public Tensor Content => IsWhole ? first.Window(Layout.Contiguous([Count])) : first;
    }

    readonly OrderedDictionary<(Storage, DType), Part> _parts = [];
    readonly MemoryStream _pickle = new();
    readonly byte[] _number = new byte[9];

    public TorchWriter(object? content)
    {
        Visit(content, "", 0);
        Op(0x80);
        Op(2);
        Value(content);
        Op('.');
    }

    public void Write(Stream stream)
    {
        StoredZip zip = new(stream);
        zip.Add(Root + "data.pkl", _pickle.ToArray());
        zip.Add(Root + "byteorder", "little"u8.ToArray());
        foreach (Part p in _parts.Values)
        {
            Tensor t = p.Content;
            zip.Add($"{Root}data/{p.Key}", TensorBytes.ByteLength(t), s => TensorBytes.Write(s, t));
        }
        zip.Add(Root + "version", "3\n"u8.ToArray());
        zip.Finish();
    }

    // ---- what there is ----

    void Visit(object? value, string path, int depth)
    {
        if (depth > MostDepth) throw new ArgumentException($"'{path[..Math.Min(path.Length, 100)]}…' lies deeper than {MostDepth} dictionaries and lists. Does one contain itself?", nameof(value));
        switch (value)
        {
            case null or bool or int or long or float or double or Complex or BigInteger or byte[] or Dims or DType or TorchDevice or PythonName or PythonRange: break;
            case string text: SafeTensorsHeader.Checked(text); break;
            case PythonSlice s:
                Visit(new[] { s.Start, s.Stop, s.Step }, path, depth + 1);
                break;
            case Tensor { Device.IsMeta: true }: throw new ArgumentException($"'{path}' lies on the meta device, and has no numbers to save.", nameof(value));
            case Tensor t:
                if (_parts.TryGetValue((t.Storage, t.DType), out Part? p)) p.Uses++;
                else _parts.Add((t.Storage, t.DType), new(_parts.Count.ToString(CultureInfo.InvariantCulture), t));
                break;
            case IDictionary d:
                foreach (DictionaryEntry e in d)
                {
                    Visit(e.Key, $"{path}/{e.Key}", depth + 1);
                    Visit(e.Value, $"{path}/{e.Key}", depth + 1);
                }
                break;
            case IEnumerable<KeyValuePair<string, Tensor>> tensors:
                foreach ((string name, Tensor t) in tensors) Visit(t, $"{path}/{name}", depth + 1);
                break;
            case IEnumerable items:
                int i = 0;
                foreach (object? item in items) Visit(item, FormattableString.Invariant($"{path}/{i++}"), depth + 1);
                break;
            default:
                throw new ArgumentException($"'{path}' is a {value.GetType()}, which a PyTorch file of Flambeau does not hold. It holds tensors, numbers, strings, bool, byte[], Dims, DType, " +
                    "and dictionaries, lists, arrays and sets of them.", nameof(value));
        }
    }

    // ---- the pickle ----

    void Value(object? value)
    {
        switch (value)
        {
            case null: Op('N'); break;
            case bool b: Op(b ? 0x88 : 0x89); break;
            case int i: Integer(i); break;
            case long n: Integer(n); break;
            case float f: Double(f); break;
            case double x: Double(x); break;
            case string s: Text(s); break;
            case BigInteger big:
                byte[] digits = big.ToByteArray();
                Op(0x8b);
                Number32(digits.Length);
                _pickle.Write(digits);
                break;
            case Complex c: Call("__builtin__", "complex", c.Real, c.Imaginary); break;
            case byte[] bytes: Call("_codecs", "encode", Encoding.Latin1.GetString(bytes), "latin1"); break;
            case Dims dims: Call("torch", "Size", new[] { (object?)dims.Select(n => (object?)n).ToArray() }); break;
            case DType t: Global("torch", TorchTypes.NameOf(t)); break;
            case TorchDevice { Index: { } index } d: Call("torch", "device", d.Type, index); break;
            case TorchDevice d: Call("torch", "device", d.Type); break;
            case PythonSlice s: Call("__builtin__", "slice", s.Start, s.Stop, s.Step); break;
            case PythonRange r: Call("__builtin__", "xrange", r.Start, r.Stop, r.Step); break;
            case PythonName n: Global(n.Name[..n.Name.LastIndexOf('.')], n.Name[(n.Name.LastIndexOf('.') + 1)..]); break;
            case Nn.Parameter p:
                Global("torch._utils", "_rebuild_parameter");
                Op('(');
                Plain(p);
                Value(p.RequiresGrad);
                NoHooks();
                Op('t');
                Op('R');
                break;
            case Tensor t: Plain(t); break;
            case IDictionary d:
                Op('}');
                Op('(');
                foreach (DictionaryEntry e in d)
                {
                    Value(e.Key);
                    Value(e.Value);
                }
                Op('u');
                break;
            case IEnumerable<KeyValuePair<string, Tensor>> tensors:
                Op('}');
                Op('(');
                foreach ((string name, Tensor t) in tensors)
                {
                    Text(name);
                    Value(t);
                }
                Op('u');
                break;
            case Array tuple: Tuple(tuple); break;
            case HashSet<object?> set: Call("__builtin__", "set", new List<object?>(set)); break;
            default:
                Op(']');
                Op('(');
                foreach (object? item in (IEnumerable)value) Value(item);
                Op('e');
                break;
        }
    }

    void Tuple(IEnumerable items)
    {
        Op('(');
        foreach (object? item in items) Value(item);
        Op('t');
    }

    void Plain(Tensor t)
    {
        Part p = _parts[(t.Storage, t.DType)];
        Layout l = p.IsWhole ? t.Layout : Layout.Contiguous(t.Shape);
        Global("torch._utils", "_rebuild_tensor_v2");
        Op('(');
        Op('(');
        Text("storage");
        Global("torch", TorchTypes.StorageOf(t.DType));
        Text(p.Key);
        Text("cpu");
        Integer(p.Content.Count);
        Op('t');
        Op('Q');
        Integer(l.Offset);
        Tuple(l.Shape.ToArray());
        Tuple(l.Strides.ToArray());
        Value(t is not Nn.Parameter && t.RequiresGrad && t.IsLeaf);
        NoHooks();
        Op('t');
        Op('R');
    }

    void NoHooks() => Call("collections", "OrderedDict");

    void Call(string module, string name, params object?[] arguments)
    {
        Global(module, name);
        Tuple(arguments);
        Op('R');
    }

    void Global(string module, string name)
    {
        Op('c');
        _pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    void Text(string s)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(s);
        Op('X');
        Number32(utf8.Length);
        _pickle.Write(utf8);
    }

    void Integer(long n)
    {
        switch (n)
        {
            case >= 0 and <= 255:
                Op('K');
                Op((int)n);
                break;
            case >= int.MinValue and <= int.MaxValue:
                Op('J');
                Number32((int)n);
                break;
            default:
                Op(0x8a);
                Op(8);
                BinaryPrimitives.WriteInt64LittleEndian(_number, n);
                _pickle.Write(_number, 0, 8);
                break;
        }
    }

    void Double(double x)
    {
        Op('G');
        BinaryPrimitives.WriteDoubleBigEndian(_number, x);
        _pickle.Write(_number, 0, 8);
    }

    void Number32(int n)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_number, n);
        _pickle.Write(_number, 0, 4);
    }

    void Op(int code) => _pickle.WriteByte((byte)code);
}
