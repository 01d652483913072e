using System.Numerics;
using System.Text;

namespace Flambeau.IO;

/// <summary>
/// The classes and functions a PyTorch file may name, and what Flambeau makes of them. Everything else is refused by name; nothing that
/// a file names is ever looked up in the program.
/// </summary>
internal sealed class PickleTypes(StorageSource storages, long length)
{
    readonly TensorRebuilder _tensors = new(storages);
    readonly Dictionary<(string, string), PythonName> _names = [];
    long _copies = checked(4 * length + (1 << 16));                             // bytes that calls may copy: a pickle can call for the same copy many times
    int _unfinished;                                                            // arrays of NumPy whose elements have not come yet

    public static OrderedDictionary<object, object?> NewDictionary() => new(PythonKeys.Instance);

    public static HashSet<object?> NewSet() => new(PythonKeys.Instance);

    public static void Set(OrderedDictionary<object, object?> target, object? key, object? value) =>
        target[PythonKeys.IsKey(key) ? key! : throw new InvalidDataException($"a dictionary has a {Describe(key)} as a key")] = value;

    public static HashSet<object?> AddAll(HashSet<object?> set, IEnumerable<object?> items)
    {
        foreach (object? i in items) set.Add(i is null || PythonKeys.IsKey(i) ? i : throw new InvalidDataException($"a set has a {Describe(i)} in it"));
        return set;
    }

    public static string Describe(object? value) => value switch
    {
        null => "None", string => "str", long or BigInteger => "int", double => "float", bool => "bool", byte[] => "bytes", object?[] => "tuple", List<object?> => "list",
        OrderedDictionary<object, object?> => "dict", HashSet<object?> => "set", Tensor => "tensor", PythonName n => $"reference to {n.Name}", _ => value.GetType().Name,
    };

    // ---- names ----

    /// <summary>What a name stands for: a dtype, or itself.</summary>
    /// <exception cref="InvalidDataException">It is not on the list.</exception>
    public object Resolve(string module, string name)
    {
        if (_names.TryGetValue((module, name), out PythonName? known)) return known;
        string full = $"{Canonical(module)}.{name}";
        if (full.StartsWith("torch.", StringComparison.Ordinal) && TorchTypes.DTypeOf(full) is { } dtype) return dtype;
        if (TorchTypes.Unsupported(full) is { } reason) throw new InvalidDataException($"it holds {reason}");
        if (!IsAllowed(full)) throw Refused(full);
        return _names[(module, name)] = new(full);
    }

    static string Canonical(string module) => module switch
    {
        "__builtin__" => "builtins", "copy_reg" => "copyreg", "torch.tensor" => "torch._tensor", "torch.cuda" => "torch",
        "numpy._core.multiarray" => "numpy.core.multiarray", "numpy._core.numeric" => "numpy.core.numeric", _ => module,
    };

    static bool IsAllowed(string full) => full is
        "builtins.set" or "builtins.frozenset" or "builtins.list" or "builtins.tuple" or "builtins.dict" or "builtins.complex" or "builtins.slice" or "builtins.range" or "builtins.xrange"
        or "builtins.bytes" or "builtins.bytearray" or "builtins.int" or "builtins.float" or "builtins.str" or "builtins.bool" or "_codecs.encode"
        or "collections.OrderedDict" or "collections.defaultdict" or "collections.Counter" or "collections.deque"
        or "torch.Size" or "torch.device" or "torch.Tensor" or "torch.nn.parameter.Parameter" or "torch.nn.parameter.Buffer" or "torch.nn.Parameter"
        or "torch.serialization._get_layout" or "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor_v3" or "torch._utils._rebuild_meta_tensor_no_storage"
        or "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" or "torch._tensor._rebuild_from_type" or "torch._tensor._rebuild_from_type_v2"
        or "torch.jit._pickle.build_intlist" or "torch.jit._pickle.build_doublelist" or "torch.jit._pickle.build_boollist" or "torch.jit._pickle.build_tensorlist"
        or "torch.jit._pickle.restore_type_tag"
        or "numpy.ndarray" or "numpy.dtype" or "numpy.core.multiarray._reconstruct" or "numpy.core.multiarray.scalar" or "numpy.core.numeric._frombuffer"
        || TorchTypes.IsConstant(full) || TorchTypes.IsStorage(full) || IsScript(full);

    static bool IsScript(string full) => full.StartsWith("__torch__.", StringComparison.Ordinal);

    static InvalidDataException Refused(string full) => new($"it asks for '{full}', which is not on the list of types that Flambeau reads; nothing was executed" +
        (full.StartsWith("torch.nn.modules", StringComparison.Ordinal) || full.StartsWith("__main__", StringComparison.Ordinal)
            ? ". The file holds objects of Python classes: in Python, save model.state_dict() instead of the model" : ""));

    // ---- calls ----

    public object? Call(PythonName f, object?[] a)
    {
        switch (f.Name)
        {
            case "builtins.set" or "builtins.frozenset": return AddAll(NewSet(), a.Length == 0 ? [] : Items(f, a));
            case "builtins.list" or "collections.deque": return a.Length == 0 ? new List<object?>() : new List<object?>(Items(f, a));
            case "builtins.tuple": return a.Length == 0 ? Array.Empty<object?>() : Items(f, a).ToArray();
            case "builtins.dict" or "collections.OrderedDict" or "collections.Counter": return Dictionary(f, a);
            case "collections.defaultdict": return Dictionary(f, a is [PythonName or null, .. var rest] ? rest : a);
            case "builtins.complex" when a is [double re, double im]: return new Complex(re, im);
            case "builtins.slice" when a.Length == 3: return new PythonSlice(a[0], a[1], a[2]);
            case "builtins.range" or "builtins.xrange" when a is [long start, long stop, long step]: return new PythonRange(start, stop, step);
            case "builtins.bytes" or "builtins.bytearray" when a.Length == 0: return Array.Empty<byte>();
            case "builtins.bytes" or "builtins.bytearray" when a is [byte[] bytes]: return Charge(bytes.Length, bytes).ToArray();
            case "_codecs.encode" or "builtins.bytearray" when a is [string text, string encoding]: return Encode(text, encoding);
            case "torch.Size" when a.Length == 1: return TensorRebuilder.Sizes(a[0], "a torch.Size");
            case "torch.device" when a is [string type, .. var index]: return new TorchDevice(type, index is [long i] ? i : null);
            case "torch.serialization._get_layout" when a is [string layout]: return new PythonName(layout);
            case "torch.jit._pickle.build_intlist" or "torch.jit._pickle.build_doublelist" or "torch.jit._pickle.build_boollist" or "torch.jit._pickle.build_tensorlist" when a is [List<object?> list]: return list;
            case "torch.jit._pickle.restore_type_tag" when a.Length == 2: return a[0];
            case "torch._tensor._rebuild_from_type" when a is [PythonName g, PythonName to, object?[] args, ..]: return FromType(g, to, args);
            case "torch._tensor._rebuild_from_type_v2" when a is [PythonName g, PythonName to, object?[] args, ..]: return FromType(g, to, args);
            case "numpy.core.multiarray._reconstruct": 
                _unfinished++;
                return new NumpyArray();
            case "numpy.dtype" when a is [string code, ..]: return new NumpyType(code);
            case "numpy.core.multiarray.scalar" when a is [NumpyType t, byte[] bytes]: return t.Scalar(bytes);
            case "numpy.core.numeric._frombuffer" when a is [byte[] bytes, NumpyType t, object?[] shape, string order]: return t.Array(TensorRebuilder.Sizes(shape, "an array of NumPy"), order == "F", Charge(bytes.Length, bytes));
        }
        if (_tensors.Call(f.Name, a) is { } tensor) return tensor;
        if (IsScript(f.Name) && a.Length == 0) return new TorchScriptObject(f.Name);
        throw new InvalidDataException($"'{f.Name}' is called with other arguments than PyTorch's files have: ({string.Join(", ", a.Take(8).Select(Describe))})");
    }

    /// <summary>As <see cref="Call"/>, for instructions that make an object without its constructor.</summary>
    public object? Make(PythonName type, object?[] a) => IsScript(type.Name) && a.Length == 0 ? new TorchScriptObject(type.Name) : Call(type, a);

    Tensor FromType(PythonName f, PythonName to, object?[] args)
    {
        if (to.Name is not ("torch.Tensor" or "torch.nn.parameter.Parameter" or "torch.nn.Parameter" or "torch.nn.parameter.Buffer")) throw Refused(to.Name);
        Tensor t = _tensors.Call(f.Name, args) ?? throw new InvalidDataException($"'{f.Name}' makes no tensor");
        return to.Name.EndsWith("Parameter", StringComparison.Ordinal) && t is not Nn.Parameter ? new Nn.Parameter(t, t.RequiresGrad) : t;
    }

    IEnumerable<object?> Items(PythonName f, object?[] a) => a switch
    {
        [List<object?> list, ..] => Charge(16L * list.Count, list),
        [object?[] tuple, ..] => Charge(16L * tuple.Length, tuple),
        [HashSet<object?> set, ..] => Charge(48L * set.Count, set),
        _ => throw new InvalidDataException($"'{f.Name}' is called with a {Describe(a[0])}"),
    };

    OrderedDictionary<object, object?> Dictionary(PythonName f, object?[] a)
    {
        var d = NewDictionary();
        if (a is [OrderedDictionary<object, object?> other, ..])
            foreach ((object key, object? value) in Charge(48L * other.Count, other)) d[key] = value;
        else if (a.Length > 0)
            foreach (object? pair in Items(f, a))
                switch (pair)
                {
                    case object?[] and [var key, var value]: Set(d, key, value); break;
                    case List<object?> and [var key, var value]: Set(d, key, value); break;
                    default: throw new InvalidDataException($"'{f.Name}' is made of what are no pairs");
                }
        return d;
    }

    /// <summary>Bytes in protocols before 3 are a text whose characters are the bytes.</summary>
    byte[] Encode(string text, string encoding)
    {
        Charge(text.Length, text);
        if (encoding is not ("latin1" or "latin-1" or "iso-8859-1")) throw new InvalidDataException($"bytes are written in {encoding}");
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', 'ÿ') >= 0) throw new InvalidDataException("bytes are written as characters beyond Latin-1");
        return Encoding.Latin1.GetBytes(text);
    }

    T Charge<T>(long bytes, T value) => (_copies -= bytes) >= 0 ? value : throw new InvalidDataException("it asks for more memory than its length is worth");

    // ---- states and storages ----

    /// <summary>Gives an object its state; answers what stands in its place from then on.</summary>
    public object? Build(object? target, object? state)
    {
        switch (target)
        {
            case NumpyType t: t.SetState(state); return t;
            case NumpyArray a:
                _unfinished--;
                return a.Finish(state, n => Charge(n, n));
            case TorchScriptObject o when state is OrderedDictionary<object, object?> attributes: o.Attributes = attributes; return o;
            case TorchScriptObject o: o.Attributes["__state__"] = state; return o;
            // Attributes that Python programs hang on dictionaries, such as the versions in a state dict's _metadata.
            case OrderedDictionary<object, object?> or HashSet<object?> or Tensor: return target;
            default: throw new InvalidDataException($"a {Describe(target)} is given a state");
        }
    }

    public object Persistent(object? id) => id is object?[] and ["storage", PythonName type, var key, var location, long count, ..] tuple
        ? storages.Get(type, Key(key), location as string ?? "cpu", count, tuple.Length > 5 ? tuple[5] : null)
        : throw new InvalidDataException("a storage is not described as PyTorch does");

    static string Key(object? key) => key as string ?? (key is long n ? n.ToString(System.Globalization.CultureInfo.InvariantCulture) : throw new InvalidDataException("a storage has no name"));

    /// <summary>Refuses a pickle that names arrays without giving their elements.</summary>
    public void CheckFinished()
    {
        if (_unfinished != 0) throw new InvalidDataException("an array of NumPy has no elements");
    }
}
