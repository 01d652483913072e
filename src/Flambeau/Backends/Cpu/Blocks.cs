using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// A loop nest walked in blocks over its innermost axis, the columns, and one more, the rows: for operands whose elements are neighbours along the one
/// and operands whose elements are along the other.
/// </summary>
internal unsafe struct Blocks
{
    LoopNest nest;
    readonly int axis;
    readonly long rows, columns, down, across;                                 // of a block; blocks along the rows' axis and along the columns'

    public Blocks(ref LoopNest n, int rowAxis)
    {
        (nest, axis) = (n, rowAxis);
        long height = n.Size[rowAxis], width = n.Size[n.Rank - 1];
        (rows, columns) = Turned.Block(height, width);
        (down, across) = (Partition.Count(height, rows), Partition.Count(width, columns));
    }

    public void Run<TBody>(TBody body) where TBody : struct, IBlockBody
    {
        long height = nest.Size[axis], width = nest.Size[nest.Rank - 1];
        fixed (Blocks* me = &this) Threads.For(nest.Count / (height * width) * down * across, Math.Max(1, Turned.BlockSize / (rows * columns)), new Range<TBody>(me, body));
    }

    readonly struct Range<TBody>(Blocks* blocks, TBody body) : IRangeBody where TBody : struct, IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long* offset = stackalloc long[LoopNest.MaxOperands];
            ref LoopNest nest = ref blocks->nest;
            int last = nest.Rank - 1, axis = blocks->axis;
            for (long unit = begin; unit < end; unit++)
            {
                long j = unit % blocks->across * blocks->columns, i = unit / blocks->across % blocks->down * blocks->rows, rest = unit / blocks->across / blocks->down;
                for (int o = 0; o < nest.Operands; o++) offset[o] = i * nest.Strides(o)[axis] + j * nest.Strides(o)[last];
                for (int d = last - 1; d >= 0; d--)
                {
                    if (d == axis) continue;
                    long k = rest % nest.Size[d];
                    rest /= nest.Size[d];
                    for (int o = 0; o < nest.Operands; o++) offset[o] += k * nest.Strides(o)[d];
                }
                body.Invoke(offset, Math.Min(blocks->rows, nest.Size[axis] - i), Math.Min(blocks->columns, nest.Size[last] - j));
            }
        }
    }
}

/// <summary>What is done with a block of a nest.</summary>
internal unsafe interface IBlockBody
{
    /// <summary>Offsets are in elements, one for each operand.</summary>
    void Invoke(long* offset, long rows, long columns);
}
