using System.Globalization;
using System.Text;

namespace Flambeau.Training;

/// <summary>
/// A table that grows by a row an epoch, as a CSV file (RFC 4180, invariant culture). Each row reaches the file system at once, so that
/// it outlives the process. The first column is the epoch.
/// </summary>
public sealed class CsvLog : IDisposable
{
    private readonly FileStream _file;
    private readonly int _columns;

    private CsvLog(FileStream file, int columns) => (_file, _columns) = (file, columns);

    /// <summary>Starts a new table; an older file of that name is overwritten. Folders are made as needed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns' names, the epoch first.</param>
    /// <exception cref="ArgumentException">There is no column.</exception>
    public static CsvLog Create(string path, params IReadOnlyList<string> columns)
    {
        if (columns.Count == 0) throw new ArgumentException("A table needs at least one column.", nameof(columns));
        CsvLog log = new(Open(path), columns.Count);
        log._file.SetLength(0);
        log.WriteRow(columns);
        return log;
    }

    /// <summary>
    /// Goes on with a table: rows after <paramref name="throughEpoch"/> and a row that was only half written are cut off. A missing file
    /// is made.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="throughEpoch">The last epoch whose row stays: that of the checkpoint training goes on from.</param>
    /// <param name="columns">The columns' names, as they are in the file.</param>
    /// <exception cref="InvalidDataException">The file has other columns; it is left as it is.</exception>
    public static CsvLog Resume(string path, int throughEpoch, params IReadOnlyList<string> columns)
    {
        if (!File.Exists(path)) return Create(path, columns);
        byte[] content = File.ReadAllBytes(path);
        int end = content.AsSpan().IndexOf((byte)'\n') + 1;
        if (end == 0) return Create(path, columns);

        string header = Encoding.UTF8.GetString(content, 0, end).TrimEnd('\r', '\n'), expected = string.Join(',', columns.Select(Escape));
        if (header != expected) throw new InvalidDataException($"'{path}' has the columns {header}, not {expected}.");
        while (content.AsSpan(end).IndexOf((byte)'\n') is var length and >= 0)
        {
            string first = Encoding.UTF8.GetString(content, end, length).Split(',')[0];
            if (!int.TryParse(first, NumberStyles.Integer, CultureInfo.InvariantCulture, out int epoch) || epoch > throughEpoch) break;
            end += length + 1;
        }
        CsvLog log = new(Open(path), columns.Count);
        log._file.SetLength(end);
        log._file.Seek(0, SeekOrigin.End);
        return log;
    }

    /// <summary>Appends a row. Numbers are written so that reading them gives the same bits; null is an empty cell.</summary>
    /// <exception cref="ArgumentException">There are not as many values as columns.</exception>
    public void Append(params ReadOnlySpan<object?> values)
    {
        if (values.Length != _columns)
        {
            throw new ArgumentException($"A row of {values.Length} values does not fit the table's {_columns} columns.");
        }
        string[] cells = new string[values.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = values[i] is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : values[i]?.ToString() ?? "";
        }
        WriteRow(cells);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
    }

    private void WriteRow(IEnumerable<string> cells)
    {
        _file.Write(Encoding.UTF8.GetBytes(string.Join(',', cells.Select(Escape)) + "\n"));
        _file.Flush();
    }

    /// <summary>Quotes a cell where needed; a line break becomes a space, so that a row is always a line.</summary>
    private static string Escape(string cell)
    {
        cell = cell.ReplaceLineEndings(" ");
        return cell.AsSpan().IndexOfAny(',', '"') >= 0 ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;
    }
}
