namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Renames content into and out of place. Folders come with the first object in them and go with the last.</summary>
internal sealed class ObjectFolders(StoreLayout layout)
{
    // Another process removes a folder that just became empty between our mkdir and our rename; each time it must lose such a race.
    private const int MaxAttempts = 64;

    /// <summary>Refuses a name that cannot be a file because of another object, before anything was changed.</summary>
    public void Prepare(string name)
    {
        var path = layout.FileOf(name);
        CreateParent(name, path);
        if (IsFolder(path))
        {
            RemoveEmptyFolder(name, path);
        }
    }

    /// <summary>Renames a file to the place of an object: the moment at which the object changes.</summary>
    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.InvalidRequest"/> when another object is in the way; any other failure may have taken effect.
    /// </exception>
    public void RenameIntoPlace(string from, string name)
    {
        var path = layout.FileOf(name);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            CreateParent(name, path);
            try
            {
                File.Move(from, path, overwrite: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                // The parent is gone again.
            }
            catch (FileNotFoundException) when (FileIdentity.Of(from) is not null)
            {
                // The parent was gone and is there again: .NET looks at it to choose between two exceptions for one ENOENT.
            }
            catch (Exception e) when (FileErrors.IsFileError(e) && IsFolder(path))
            {
                RemoveEmptyFolder(name, path);
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                throw FileErrors.Map(e, layout.Root, name, outcomeUnknown: true);
            }
        }

        throw new ObjectStoreException(
            ObjectStoreError.Unavailable,
            $"The folder of '{name}' was expected to stay, but was removed {MaxAttempts} times. Try again when fewer writers remove objects there.",
            name);
    }

    /// <summary>Removes the folders that became empty, up to the root. Failing at it is not failing at the change that came before.</summary>
    public void RemoveEmptyParents(string name)
    {
        for (var end = name.LastIndexOf('/'); end > 0; end = name.LastIndexOf('/', end - 1))
        {
            try
            {
                var folder = new DirectoryInfo(layout.FileOf(name[..end]));
                if ((int)folder.Attributes == -1)
                {
                    continue;
                }

                if ((folder.Attributes & FileAttributes.ReparsePoint) != 0)
                {
                    // Deleting a link to a folder removes the link, however full the folder is.
                    return;
                }

                folder.Delete(recursive: false);
            }
            catch (DirectoryNotFoundException)
            {
                // Another process removed it; its parent may be empty now.
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                // As a rule it is not empty. Whatever it is, an empty folder is not an object.
                return;
            }
        }
    }

    private static bool IsFolder(string path)
    {
        var attributes = new FileInfo(path).Attributes;
        return (int)attributes != -1 && (attributes & FileAttributes.Directory) != 0;
    }

    private void CreateParent(string name, string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return;
            }
            catch (IOException e)
            {
                if (FindFileInTheWay(name) is { } blocker)
                {
                    throw new ObjectStoreException(
                        ObjectStoreError.InvalidRequest,
                        $"The object '{name}' needs the folder '{blocker}', but '{blocker}' is an object. In a directory only one of both can be; rename or delete one.",
                        name,
                        e);
                }

                // A parent was removed between two steps of the recursive mkdir, or the folder itself between the mkdir that found it
                // and the look at what is there. .NET has three exceptions for that.
                if (!(e is DirectoryNotFoundException or FileNotFoundException || FileErrors.IsExisting(e)) || attempt == MaxAttempts)
                {
                    throw;
                }
            }
        }
    }

    private string? FindFileInTheWay(string name)
    {
        for (var end = name.IndexOf('/', StringComparison.Ordinal); end > 0; end = name.IndexOf('/', end + 1))
        {
            var attributes = new FileInfo(layout.FileOf(name[..end])).Attributes;
            if ((int)attributes != -1 && (attributes & FileAttributes.Directory) == 0)
            {
                return name[..end];
            }
        }

        return null;
    }

    private void RemoveEmptyFolder(string name, string path)
    {
        // Folders that a process left when it was killed between a delete and the removal of the parents.
        if (new DirectoryLister(layout).Find(name + "/", CancellationToken.None) is [var inside, ..])
        {
            throw new ObjectStoreException(
                ObjectStoreError.InvalidRequest,
                $"The object '{name}' was expected to be a file, but is the folder of the object '{inside}'. In a directory only one of both can be; rename or delete one.",
                name);
        }

        try
        {
            foreach (var folder in Directory.GetDirectories(path, "*", SearchOption.AllDirectories).OrderByDescending(folder => folder.Length))
            {
                Directory.Delete(folder);
            }

            Directory.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process was faster.
        }
    }
}
