using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Flambeau.IO;

/// <summary>A <c>numpy.dtype</c>: its code, such as <c>f4</c>, and the order of bytes.</summary>
internal sealed class NumpyType(string code)
{
    bool _isBigEndian = code.StartsWith('>');

    /// <summary>The code without an order.</summary>
    string Code => code.TrimStart('<', '>', '=', '|');

    public void SetState(object? state)
    {
        if (state is not (object?[] and [_, string order, ..])) throw new InvalidDataException("a type of NumPy has a state of another form");
        _isBigEndian = order == ">";
    }

    public DType DType => Code switch
    {
        "b1" => DType.Bool, "u1" => DType.UInt8, "i1" => DType.Int8, "i2" => DType.Int16, "i4" => DType.Int32, "i8" => DType.Int64, "f2" => DType.Float16, "f4" => DType.Float32,
        "f8" => DType.Float64, "c8" => DType.Complex64, "c16" => DType.Complex128, _ => throw new InvalidDataException($"it holds values of NumPy's type '{code}', which Flambeau does not have"),
    };

    /// <summary>An array as a tensor.</summary>
    public Tensor Array(Dims shape, bool isFortran, byte[] bytes)
    {
        DType t = DType;
        if (_isBigEndian && t.ItemSize > 1) throw new InvalidDataException("it holds big-endian numbers of NumPy, which Flambeau does not read");
        Int128 count = 1;
        foreach (long n in shape)
        {
            count *= n;
            if (n > bytes.Length) throw new InvalidDataException($"an array of NumPy has the shape {shape}, but {bytes.Length} bytes");
        }
        if (count * t.ItemSize != bytes.Length) throw new InvalidDataException($"an array of NumPy has the shape {shape}, but {bytes.Length} bytes");
        if (t == DType.Bool && bytes.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1)) throw new InvalidDataException("an array of bools holds bytes that are no bool");
        Storage s = new(bytes.Length);
        Tensor raw = new(s, Layout.Contiguous([bytes.Length]), DType.UInt8);
        bytes.CopyTo(raw.Elements<byte>());
        GC.KeepAlive(raw);
        if (!isFortran || shape.Length < 2) return new(s, Layout.Contiguous(shape), t);
        long[] strides = new long[shape.Length];
        for (int d = 0; d < strides.Length; d++) strides[d] = d == 0 ? 1 : strides[d - 1] * Math.Max(1, shape[d - 1]);
        return new(s, new Layout(shape, strides, 0), t);
    }

    /// <summary>A scalar: bool, long, double or Complex.</summary>
    public object Scalar(byte[] bytes)
    {
        Tensor t = Array([], false, bytes);
        return t.DType switch
        {
            DType.Bool => t.Item<bool>(), DType.Complex64 or DType.Complex128 => t.Item<Complex>(),
            DType d when d.IsFloatingPoint => t.Item<double>(), _ => t.Item<long>(),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"numpy.dtype('{code}')";
}

/// <summary>A <c>numpy.ndarray</c> before its elements are known.</summary>
internal sealed class NumpyArray : Unfinished
{
    bool _isFinished;

    /// <summary>The tensor, from the array's state: version, shape, dtype, whether columns come first, bytes.</summary>
    public Tensor Finish(object? state, Action<long> charge)
    {
        if (_isFinished || state is not (object?[] and [_, object?[] shape, NumpyType type, bool isFortran, byte[] bytes]))
            throw new InvalidDataException("an array of NumPy has a state of another form");
        _isFinished = true;
        charge(bytes.Length);
        return type.Array(TensorRebuilder.Sizes(shape, "the shape of an array of NumPy"), isFortran, bytes);
    }
}
