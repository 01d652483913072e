using System.Runtime.InteropServices;
using Flambeau.Ops;
using Xunit;

namespace Flambeau.Tests.Operators;

/// <summary>Every operation answers into a tensor that is there what it answers into a new one, to the bit, wherever that tensor lies, and writes nowhere else.</summary>
public class IntoLaws
{
    public static TheoryData<string> Names => Laws.Names;

    /// <summary>The applications that a call of a row comes down to, with their inputs.</summary>
    sealed class Recorder : Watcher, IDisposable
    {
        readonly int _thread = Environment.CurrentManagedThreadId;
        public readonly List<(Op Op, Tensor[] Inputs)> Applications = [];

        public Recorder() => Watch();

        public void Dispose() => Rest();

        public override void Begin(Op op, ReadOnlySpan<Tensor> inputs)
        {
            if (Environment.CurrentManagedThreadId == _thread && op is not (ViewOp or MultiOp or RandomFill)) Applications.Add((op, inputs.ToArray()));
        }

        public override void End(Op op, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor> results) { }
    }

    [Theory, MemberData(nameof(Names))]
    public void Into_a_tensor_that_is_there_is_as_into_a_new_one(string name)
    {
        Row row = OpTable.Rows.Single(r => r.Name == name);
        foreach (DType t in (DType[])[DType.Float32, .. row.LowPrecision ? new[] { DType.BFloat16 } : [], .. row.DTypes.Take(2)])
            foreach (Arg[] sample in row.Samples)
            {
                Tensor[] x = [.. sample.Select((a, i) => a.Make(t, 100 + i))];
                using Recorder recorder = new();
                row.Call(x);
                recorder.Dispose();
                foreach ((Op op, Tensor[] inputs) in recorder.Applications) Check(op, inputs, $"{name} {t}: {op.Name}");
            }
    }

    static void Check(Op op, Tensor[] inputs, string what)
    {
        Tensor expected = op.Execute(inputs);
        if (expected.Device.IsMeta || !Bytes(expected).SequenceEqual(Bytes(op.Execute(inputs)))) return;     // draws of its own
        long n = expected.Count;

        Tensor room = Filled([n + 7], expected.DType), guard = room.Clone(), middle = room.Narrow(0, 3, n).View(expected.Shape.Span);
        Assert.Same(middle, Op.ApplyInto(op, middle, inputs));
        Assert.True(Bytes(expected).SequenceEqual(Bytes(middle)), $"{what} into the middle of a larger tensor differs.");
        Assert.True(Bytes(guard.Narrow(0, 0, 3)).SequenceEqual(Bytes(room.Narrow(0, 0, 3))), $"{what} wrote before its tensor.");
        Assert.True(Bytes(guard.Narrow(0, n + 3, 4)).SequenceEqual(Bytes(room.Narrow(0, n + 3, 4))), $"{what} wrote behind its tensor.");

        if (expected.Rank > 1)
        {
            Tensor turned = Filled([.. expected.Shape.Span[1..], expected.Shape[0]], expected.DType).MoveDim(-1, 0);
            Op.ApplyInto(op, turned, inputs);
            Assert.True(Bytes(expected).SequenceEqual(Bytes(turned)), $"{what} into a turned tensor differs.");
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Shape != expected.Shape || inputs[i].DType != expected.DType) continue;
            Tensor[] own = [.. inputs];
            own[i] = inputs[i].Clone();
            Op.ApplyInto(op, own[i], own);
            Assert.True(Bytes(expected).SequenceEqual(Bytes(own[i])), $"{what} into its input {i} differs.");
        }
    }

    static Tensor Filled(long[] shape, DType dtype) => Tensor.Full(shape, 1, dtype);

    static byte[] Bytes(Tensor t)
    {
        Tensor c = t.Contiguous();
        int size = c.DType.ItemSize;
        return MemoryMarshal.CreateReadOnlySpan(ref c.Storage.GetPinnableReference(), (int)c.Storage.ByteLength).Slice((int)c.Layout.Offset * size, (int)c.Count * size).ToArray();
    }
}
