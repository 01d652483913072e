using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Flambeau.Benchmarks;

/// <summary>
/// Makes the peer's native library load where libstdc++ is older than GCC 13's (Debian 12). It needs one symbol of GLIBCXX_3.4.32,
/// std::ios_base_library_init, which only marks a link order and is never called: in the copy beside this program that version and that
/// symbol are marked weak, so that the loader accepts an older library.
/// </summary>
static class PeerLibrary
{
    const uint VersionNeeds = 0x6FFFFFFE, DynamicSymbols = 11;                     // section types of ELF
    const string Version = "GLIBCXX_3.4.32", Symbol = "_ZSt21ios_base_library_initv";

    /// <summary>Loads the peer; before anything of TorchSharp is touched.</summary>
    public static void Load()
    {
        if (!OperatingSystem.IsLinux()) return;
        string folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        string library = Path.Combine(folder, "libLibTorchSharp.so");
        if (!File.Exists(library)) return;
        Weaken(library);
        // In the order of their needs, so that each finds those it needs loaded already, without a search path.
        foreach (string pattern in new[] { "libgomp*", "libc10.so", "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so" })
            foreach (string file in Directory.GetFiles(folder, pattern)) NativeLibrary.Load(file);
    }

    static void Weaken(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (!Weaken(file)) return;
        File.WriteAllBytes(path + ".weak", file);                                  // a new file: the old one may be a link into the package
        File.Move(path + ".weak", path, overwrite: true);
    }

    /// <summary>Whether anything had to be changed.</summary>
    static bool Weaken(Span<byte> file)
    {
        bool changed = false;
        foreach ((uint type, int offset, int size, int link) in Sections(file))
        {
            if (type == VersionNeeds) changed |= WeakenVersion(file.Slice(offset, size));
            if (type == DynamicSymbols) changed |= WeakenSymbol(file.Slice(offset, size), file[Sections(file)[link].Offset..]);
        }
        return changed;
    }

    static bool WeakenVersion(Span<byte> needs)                                    // a record: hash (4), flags (2), …
    {
        Span<byte> hash = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(hash, Hash(Version));
        int at = needs.IndexOf(hash);
        if (at < 0 || needs[at + 4] == 2) return false;
        needs[at + 4] = 2;                                                         // VER_FLG_WEAK
        return true;
    }

    static bool WeakenSymbol(Span<byte> symbols, ReadOnlySpan<byte> names)         // a record of 24 bytes: name (4), binding and kind (1), …
    {
        ReadOnlySpan<byte> wanted = Encoding.ASCII.GetBytes(Symbol + '\0');
        for (int at = 0; at + 24 <= symbols.Length; at += 24)
        {
            if (!names[(int)BinaryPrimitives.ReadUInt32LittleEndian(symbols[at..])..].StartsWith(wanted)) continue;
            byte weak = (byte)(2 << 4 | symbols[at + 4] & 15);                     // STB_WEAK
            if (symbols[at + 4] == weak) return false;
            symbols[at + 4] = weak;
            return true;
        }
        return false;
    }

    static List<(uint Type, int Offset, int Size, int Link)> Sections(ReadOnlySpan<byte> file)
    {
        int at = (int)BinaryPrimitives.ReadUInt64LittleEndian(file[0x28..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3A..]), count = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3C..]);
        List<(uint, int, int, int)> all = [];
        for (int i = 0; i < count; i++, at += size)
            all.Add((BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]), (int)BinaryPrimitives.ReadUInt64LittleEndian(file[(at + 0x18)..]),
                (int)BinaryPrimitives.ReadUInt64LittleEndian(file[(at + 0x20)..]), (int)BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 0x28)..])));
        return all;
    }

    static uint Hash(string name)                                                  // ELF's own
    {
        uint h = 0;
        foreach (char c in name)
        {
            h = (h << 4) + c;
            h ^= (h & 0xF0000000) >> 24;
            h &= 0x0FFFFFFF;
        }
        return h;
    }
}
