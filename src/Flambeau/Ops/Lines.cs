namespace Flambeau.Ops;

/// <summary>The lines of a contiguous tensor along one axis: element i of line (o, k) lies at (o · Length + i) · Inner + k.</summary>
internal readonly record struct Lines(long Outer, long Length, long Inner)
{
    public static Lines Along(Dims shape, int axis) =>
        shape.Length == 0 ? new(1, 1, 1) : new(shape[..axis].Count, shape[axis], shape[(axis + 1)..].Count);

    public long Count => Outer * Inner;
}
